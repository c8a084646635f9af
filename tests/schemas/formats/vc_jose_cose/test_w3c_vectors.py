"""W3C's inputs for VC-JOSE-COSE: every row of the mapping, input with key, gives the result that stands there."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keys import strict_json
from keys.errors import EcertError
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.vc_jose_cose import features
from schemas.formats.vc_jose_cose.features import Feature, Options

pytestmark = pytest.mark.vectors
NUMBERS = range(1, 36)


@pytest.fixture(scope="module")
def folder(vectors: Path) -> Path:
    """The folder of these inputs; skipped, by name, without it."""
    found = vectors / "w3c" / "vc-jose-cose"
    if not found.is_dir():
        pytest.skip("W3C'S INPUTS FOR VC-JOSE-COSE ARE NOT HERE: w3c/vc-jose-cose")
    return found


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    mapping = json.loads((folder / "test-mapping.json").read_text("utf-8"))
    return (row for group in mapping.values() for row in group.values())


def salts() -> Options:
    numbers = iter(range(1, 1 << 30))
    return Options(lambda: next(numbers).to_bytes(16, "big"))


def outcome(folder: Path, row: dict[str, Any]) -> str:
    raw = (folder / "input" / row["input_file"]).read_bytes()
    method = json.loads((folder / "input" / row["key_file"]).read_text("utf-8"))
    feature, public = Feature(row["feature"]), PublicKey.from_jwk(method["publicKeyJwk"])
    try:
        if row["fn"] == "verify":
            features.verify(feature, raw.decode("utf-8"), public)
            return "success"
        options = Options(salts().salt, row.get("disclosure_paths", ()))
        document = strict_json.loads_object(raw)
        text = features.issue(feature, document, SoftwareSigner.from_jwk(method["secretKeyJwk"]), options)
    except EcertError:
        return "failure"
    assert features.verify(feature, text, public) == document
    return "success"


@pytest.mark.parametrize("number", NUMBERS)
def test_an_input_gives_the_expected_result(folder: Path, number: int) -> None:
    row = next(row for row in rows(folder) if row["number"] == number)
    assert outcome(folder, row) == row["expected_result"]


def test_every_row_of_the_mapping_was_looked_at(folder: Path) -> None:
    assert [row["number"] for row in rows(folder)] == list(NUMBERS)
    assert Counter((row["fn"], row["expected_result"]) for row in rows(folder)) == {
        ("issue", "success"): 9,
        ("issue", "failure"): 1,
        ("verify", "success"): 8,
        ("verify", "failure"): 17,
    }


def test_every_input_is_in_the_mapping(folder: Path) -> None:
    used = {row[name] for row in rows(folder) for name in ("input_file", "key_file")}
    assert {path.name for path in (folder / "input").iterdir()} == used


def test_a_failing_input_fails_for_the_reason_that_its_row_names(folder: Path) -> None:
    wanted = {
        5: "member_undefined",
        9: "algorithm_not_allowed",  # a token of the P-521 key; the row gives the Ed25519 one
        10: "malformed_token",
        12: "invalid_signature",
        13: "wrong_type",
        14: "wrong_type",
        15: "vc_claim_forbidden",
        16: "envelope_invalid",
        23: "invalid_signature",
        24: "wrong_type",
        30: "cbor_trailing_bytes",  # hexadecimal digits, which are base64 of something else
        32: "invalid_signature",
        33: "wrong_type",
        34: "wrong_type",
        35: "envelope_invalid",
    }
    found = {}
    for row in rows(folder):
        if row["number"] in wanted:
            with pytest.raises(EcertError) as refused:
                _run(folder, row)
            found[row["number"]] = refused.value.code
    assert found == wanted


def _run(folder: Path, row: dict[str, Any]) -> None:
    raw = (folder / "input" / row["input_file"]).read_bytes()
    method = json.loads((folder / "input" / row["key_file"]).read_text("utf-8"))
    if row["fn"] == "verify":
        features.verify(Feature(row["feature"]), raw.decode("utf-8"), PublicKey.from_jwk(method["publicKeyJwk"]))
    else:
        signer = SoftwareSigner.from_jwk(method["secretKeyJwk"])
        features.issue(Feature(row["feature"]), strict_json.loads_object(raw), signer, salts())
