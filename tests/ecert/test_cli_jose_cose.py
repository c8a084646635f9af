"""``ecert jose-cose``: files in, an answer out, and what each result stands for."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecert.cli import COULD_NOT_RUN, main
from keys.algorithms import EC, Algorithm
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.formats.vc_jose_cose.features import Feature

CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "https://ecert.example/issuers/amr",
    "credentialSubject": {"id": "did:example:1", "name": "江门市示例陈皮有限公司", "phones": ["0750-0000001"]},
}
PRESENTATION = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": "did:example:holder",
}


def method(algorithm: Algorithm = Algorithm.ES256, **secret: Any) -> dict[str, Any]:
    """A verification method with both JWKs."""
    signer = SoftwareSigner.generate(algorithm)
    public = dict(signer.public_key.jwk)
    if algorithm in EC:
        number = signer._key.private_numbers().private_value  # type: ignore[union-attr]
        d = b64url_text(number.to_bytes(EC[algorithm].size, "big"))
    else:
        d = b64url_text(signer._key.private_bytes_raw())  # type: ignore[union-attr]
    return {"id": "did:example:1#key", "publicKeyJwk": public, "secretKeyJwk": public | {"d": d} | secret}


class Desk:
    """A folder with a key in it, and the command over it."""

    def __init__(self, folder: Path, key: Any) -> None:
        self.folder = folder
        (folder / "key.json").write_text(json.dumps(key))

    def run(self, action: str, feature: str, content: str | bytes, *more: str) -> tuple[int, dict[str, str]]:
        raw = content if isinstance(content, bytes) else content.encode()
        (self.folder / "input").write_bytes(raw)
        files = ["--input", str(self.folder / "input"), "--key", str(self.folder / "key.json")]
        output = self.folder / "output.json"
        code = main(["jose-cose", action, *files, "--feature", feature, "--output", str(output), *more])
        return code, json.loads(output.read_text("utf-8"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, method())


@pytest.mark.parametrize("feature", Feature)
@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_issued_verifies(tmp_path: Path, feature: Feature, algorithm: Algorithm) -> None:
    desk = Desk(tmp_path, method(algorithm))
    document = CREDENTIAL if feature.startswith("credential") else PRESENTATION
    code, issued = desk.run("issue", feature, json.dumps(document))
    assert (code, issued["result"]) == (0, "success")
    code, verified = desk.run("verify", feature, issued["data"] + "\n")
    assert (code, verified["result"], json.loads(verified["data"])) == (0, "success", document)


def test_paths_are_selectively_disclosable(desk: Desk) -> None:
    paths = ["credentialSubject.name", "credentialSubject.phones[0]"]
    _, issued = desk.run("issue", "credential_sdjwt", json.dumps(CREDENTIAL), "--sd", json.dumps(paths))
    assert issued["data"].count("~") == 3


def test_the_key_s_own_name_is_written(tmp_path: Path) -> None:
    desk = Desk(tmp_path, method(kid="key-1"))
    _, issued = desk.run("issue", "credential_jose", json.dumps(CREDENTIAL))
    assert json.loads(jwt_header(issued["data"]))["kid"] == "key-1"


def jwt_header(text: str) -> bytes:
    import base64

    head = text.partition(".")[0]
    return base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))


@pytest.mark.parametrize(
    ("action", "content", "more", "code"),
    [
        ("issue", "no JSON", [], "malformed_token"),
        ("issue", json.dumps(CREDENTIAL | {"nickname": "x"}), [], "member_undefined"),
        ("issue", json.dumps(CREDENTIAL), ["--sd", '["issuer"]'], "never_selective"),
        ("issue", json.dumps(CREDENTIAL), ["--sd", '["nowhere"]'], "unknown_claim_path"),
        ("issue", json.dumps(CREDENTIAL), ["--sd", '["a..b"]'], "sd_path_invalid"),
        ("issue", json.dumps(CREDENTIAL), ["--sd", "{}"], "malformed_token"),
        ("verify", json.dumps(CREDENTIAL), [], "malformed_sd_jwt"),
        ("verify", b"\xff", [], "malformed_token"),
    ],
)
def test_what_breaks_a_rule_is_a_failure_with_the_rule_s_code(
    desk: Desk, action: str, content: str | bytes, more: list[str], code: str
) -> None:
    assert desk.run(action, "credential_sdjwt", content, *more) == (1, {"result": "failure", "data": code})


KEYS: list[Any] = [
    {},
    [],
    {"publicKeyJwk": "text"},
    {"publicKeyJwk": {"kty": "RSA"}, "secretKeyJwk": {"kty": "RSA", "d": "AA"}},
]


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("action", ["issue", "verify"])
def test_a_key_that_is_not_supported_makes_it_indeterminate(tmp_path: Path, key: Any, action: str) -> None:
    code, answer = Desk(tmp_path, key).run(action, "credential_jose", json.dumps(CREDENTIAL))
    assert (code, answer["result"]) == (2, "indeterminate")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--input", str(tmp_path / "none"), "--key", str(tmp_path / "none"), "--output", str(tmp_path / "out")]
    assert main(["jose-cose", "verify", *files, "--feature", "credential_jose"]) == COULD_NOT_RUN
    assert "command_failed" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_an_error(desk: Desk) -> None:
    (desk.folder / "output.json").write_text("{}")
    assert desk.run("verify", "credential_jose", b"a" * ((1 << 20) + 1)) == (COULD_NOT_RUN, {})


def test_another_feature_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["jose-cose", "verify", "--feature", "other"])
    assert ended.value.code == COULD_NOT_RUN
