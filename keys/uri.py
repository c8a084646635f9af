"""Signers opened by URI, so that a setting can name a key wherever it lies.

file:var/keys#issuing/amr/2
    the key ``issuing/amr/2`` of a key store directory; the passphrase is in ``ECERT_PASSPHRASE``
pkcs11:token=civil;object=amr-2?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/secrets/pin
    a key of a security module (RFC 7512); without ``module-path`` the module is in ``ECERT_PKCS11_MODULE``, without
    ``pin-source`` the PIN is in ``ECERT_PKCS11_PIN``
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from keys.errors import KeyNotFound, MalformedKeyUri
from keys.hsm import HsmKey, HsmSigner, open_hsm_signer
from keys.signer import Signer, SoftwareSigner
from keys.store import DirectoryBlobs, KeyStore, passphrase_from_env

SCHEMES = ("file", "pkcs11")
MODULE_VARIABLE = "ECERT_PKCS11_MODULE"
PIN_VARIABLE = "ECERT_PKCS11_PIN"
_PATH_ATTRIBUTES = frozenset({"token", "object", "id", "type"})
_QUERY_ATTRIBUTES = frozenset({"module-path", "pin-source"})


def open_signer(uri: str, *, environ: Mapping[str, str] = os.environ) -> Signer:
    """Return the signer that ``uri`` names.

    Raises:
        MalformedKeyUri: another scheme, or a form that this module's docstring does not show.
        KeyNotFound, WrongPassphrase, KeyStoreError: from the key store.
        HsmError: from the security module.
    """
    scheme, _, rest = uri.partition(":")
    if scheme == "file":
        return _open_file(uri, environ)
    if scheme == "pkcs11":
        return _open_pkcs11(rest, environ)
    raise MalformedKeyUri(f"key's URI has a scheme that is none of: {', '.join(SCHEMES)}")


def _open_file(uri: str, environ: Mapping[str, str]) -> SoftwareSigner:
    parts = urlsplit(uri)
    path, name = Path(unquote(parts.path)), unquote(parts.fragment)
    if parts.netloc not in ("", "localhost") or parts.query or not parts.path or not name:
        raise MalformedKeyUri("key's URI is not file:DIRECTORY#NAME")
    # Looked at first: opening must not make a key store where there is none.
    if not path.is_dir() or name not in DirectoryBlobs(path).names(name):
        raise KeyNotFound(f"key directory has no key named {name}")
    return KeyStore(DirectoryBlobs(path), passphrase_from_env(environ)).open(name)


def _open_pkcs11(rest: str, environ: Mapping[str, str]) -> HsmSigner:
    path, _, query = rest.partition("?")
    names = _attributes(path, ";", _PATH_ATTRIBUTES)
    options = _attributes(query, "&", _QUERY_ATTRIBUTES)
    if names.get("type", b"private") != b"private" or "token" not in names or not names.keys() & {"object", "id"}:
        raise MalformedKeyUri("key's URI names no token, or no private key by object or id")
    key = HsmKey(
        module=_text(options, "module-path") or _setting(environ, MODULE_VARIABLE, "module-path"),
        token=_text(names, "token"),
        label=_text(names, "object") or None,
        id=names.get("id"),
    )
    return open_hsm_signer(key, pin=_pin(_text(options, "pin-source"), environ))


def _attributes(text: str, separator: str, known: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, _, value = part.partition("=")
        # RFC 7512, 2.3: no attribute twice. An attribute that is not known would widen what the URI names.
        if name not in known or name in found or not value:
            raise MalformedKeyUri(
                f"key's URI has an attribute that is twice, empty, or none of: {', '.join(sorted(known))}"
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(attributes: dict[str, bytes], name: str) -> str:
    try:
        return attributes.get(name, b"").decode("utf-8")
    except UnicodeDecodeError as exc:
        raise MalformedKeyUri(f"key's URI has a {name} that is not UTF-8") from exc


def _pin(source: str, environ: Mapping[str, str]) -> str:
    if not source:
        return _setting(environ, PIN_VARIABLE, "pin-source")
    path = source.removeprefix("file:")
    if not path.startswith("/"):
        raise MalformedKeyUri("key's URI has a pin-source that is no absolute file")
    try:
        return Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise MalformedKeyUri("key's URI has a pin-source that cannot be read") from exc


def _setting(environ: Mapping[str, str], variable: str, attribute: str) -> str:
    value = environ.get(variable, "")
    if not value:
        raise MalformedKeyUri(f"key's URI has no {attribute}, and {variable} is not set")
    return value
