"""The published SD-JWT specifications: issued by our code, presented, verified, in every serialization.

What we do not do as the specifications' own generator does, by name:

- ``testcase-header_mod`` writes ``kid: 42``. Our ``kid`` is the key's thumbprint, and a ``kid`` that is no text is
  refused (RFC 7515, 4.1.4). Everything else of that case is tested.
- ``settings_override``'s ``kid`` values name keys; ours are thumbprints (RFC 7638).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.signer import SoftwareSigner
from schemas.formats import key_binding, sd_jwt, sd_jwt_json
from schemas.formats.sd_jwt import SdJwt
from tests.support.sd_yaml import Case, load
from tests.support.vectors import FOLDER

pytestmark = pytest.mark.vectors

NAMES = sorted(path.stem for path in (FOLDER / "sd-jwt").glob("*.yml") if path.stem != "settings")
CASES = pytest.mark.parametrize("case", NAMES or ["absent"], indirect=True)  # skipped by name, with the reason


@pytest.fixture
def case(request: pytest.FixtureRequest, vectors: Path) -> Case:
    return load(vectors / "sd-jwt" / f"{request.param}.yml")


@pytest.fixture
def shown(case: Case, issuer: SoftwareSigner, holder: SoftwareSigner, salt: Callable[[], bytes]) -> SdJwt:
    claims = case.claims | ({"cnf": {"jwk": holder.public_key.jwk}} if case.raw.get("key_binding") else {})
    decoys = 3 if case.raw.get("add_decoy_claims") else 0
    typ = str(case.raw.get("extra_header_parameters", {}).get("typ", "example+sd-jwt"))
    issued = sd_jwt.issue(claims, case.selective, issuer, typ=typ, salt=salt, decoys=decoys)
    stored = SdJwt.parse_issued(issued.text())
    assert stored.peek_claims() == claims
    presented = stored.present(case.chosen)
    if case.raw.get("key_binding"):
        return key_binding.bind(presented, holder, audience="https://example.com/verifier", nonce="1234567890", iat=1)
    return presented


def _verified(case: Case, shown: SdJwt, issuer: SoftwareSigner) -> dict[str, Any]:
    claims = shown.verified_by(issuer.public_key).claims
    if shown.key_binding:
        assert key_binding.verified_by(shown, key_binding.holder_key(claims)).nonce == "1234567890"
    if case.raw.get("key_binding"):
        del claims["cnf"]
    return claims


def test_the_specifications_are_all_here(vectors: Path) -> None:
    assert len([name for name in NAMES if name.startswith("testcase-")]) == 17
    assert len([name for name in NAMES if name.startswith("example-")]) == 15


@CASES
def test_the_verifier_ends_up_with_the_expected_claims(case: Case, shown: SdJwt, issuer: SoftwareSigner) -> None:
    claims = _verified(case, SdJwt.parse(shown.text()), issuer)
    assert claims == case.oracle()
    if case.expected is not None:
        assert claims == case.expected


@CASES
def test_the_flattened_form_carries_the_same(case: Case, shown: SdJwt, issuer: SoftwareSigner) -> None:
    (read,) = sd_jwt_json.parse(sd_jwt_json.flattened(shown))
    assert read == shown
    assert _verified(case, read, issuer) == case.oracle()


@CASES
def test_the_general_form_carries_the_same_for_two_keys(
    case: Case, shown: SdJwt, issuer: SoftwareSigner, stranger: SoftwareSigner
) -> None:
    document = sd_jwt_json.general(shown, others=[sd_jwt_json.cosign(shown, stranger)])
    first, second = sd_jwt_json.parse(document)
    assert _verified(case, first, issuer) == case.oracle()
    assert _verified(case, second, stranger) == case.oracle()
