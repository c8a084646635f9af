"""The public surface: names and error codes that others rely on. Adding is allowed, renaming needs a changelog line."""

import subprocess
import sys
from collections.abc import Iterator

import keys
from keys import errors

CODES = {
    "algorithm_not_allowed",
    "damaged_record",
    "duplicate_member",
    "decryption_failed",
    "encryption_refused",
    "forbidden_header",
    "hsm_error",
    "invalid_chain",
    "invalid_signature",
    "issuer_not_entitled",
    "key_already_exists",
    "key_not_found",
    "key_store_error",
    "keys_error",
    "malformed_document",
    "malformed_kept_list",
    "malformed_key",
    "malformed_key_uri",
    "malformed_token",
    "malformed_trust_list",
    "not_trusted",
    "too_large",
    "unexpected_typ",
    "unknown_anchor",
    "unknown_issuer",
    "unknown_issuer_key",
    "wrong_passphrase",
}


def test_the_public_names_are_these() -> None:
    assert keys.__all__ == [
        "Algorithm",
        "Anchor",
        "DirectoryBlobs",
        "EcertError",
        "KeyStore",
        "KeysError",
        "PublicKey",
        "Signer",
        "SoftwareSigner",
        "TrustList",
        "open_signer",
        "read_trust_list",
    ]


def test_every_public_name_is_there() -> None:
    assert all(hasattr(keys, name) for name in keys.__all__)


def kinds(root: type[errors.KeysError]) -> Iterator[type[errors.KeysError]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def test_every_error_has_a_code_of_its_own() -> None:
    ours = [kind for kind in kinds(errors.KeysError) if kind.__module__ == "keys.errors"]
    assert {kind.code for kind in ours} == CODES
    assert len(ours) == len(CODES)


def test_importing_keys_loads_no_security_module_and_no_framework() -> None:
    program = (
        "import keys, sys; "
        "print([m for m in ('pkcs11', 'pydantic', 'fastapi', 'sqlmodel', 'jwt', 'joserfc') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
