"""Enveloped documents: their context, their type, their data: URL; and paths of selectively disclosable parts."""

from typing import Any

import pytest

from schemas.formats.vc_jose_cose import enveloped, paths
from schemas.formats.vc_jose_cose.enveloped import Envelope
from schemas.formats.vc_jose_cose.errors import EnvelopeInvalid, SdPathInvalid
from schemas.formats.vc_jose_cose.kinds import Kind

V2 = "https://www.w3.org/ns/credentials/v2"
WRAPPED = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,e30.e30.AA"}


@pytest.mark.parametrize("kind", Kind)
def test_a_text_goes_both_ways(kind: Kind) -> None:
    for media_type in (f"application/{kind}+jwt", f"application/{kind}+sd-jwt", "application/jwt"):
        assert enveloped.read(enveloped.wrap(media_type, "a.b.c~", kind=kind), kind) == Envelope(media_type, "a.b.c~")


@pytest.mark.parametrize("kind", Kind)
def test_bytes_go_both_ways(kind: Kind) -> None:
    wrapped = enveloped.wrap(f"application/{kind}+cose", b"\xd2\x84\xff", kind=kind)
    assert wrapped["id"] == f"data:application/{kind}+cose;base64,0oT/"
    assert enveloped.read(wrapped, kind).octets() == b"\xd2\x84\xff"


def test_the_object_is_the_one_of_vcdm() -> None:
    assert enveloped.wrap("application/vc+jwt", "e30.e30.AA") == WRAPPED


@pytest.mark.parametrize(
    "change",
    [{"@context": [V2]}, {"@context": ["https://example.com", V2]}, {"type": ["EnvelopedVerifiableCredential", "X"]}],
    ids=str,
)
def test_context_and_type_may_be_arrays(change: dict[str, Any]) -> None:
    assert enveloped.read(WRAPPED | change).media_type == "application/vc+jwt"


FLAWS: list[dict[str, Any]] = [
    {"@context": []},
    {"@context": None},
    {"@context": "https://www.w3.org/ns/credentials/examples/v2"},
    {"type": "VerifiableCredential"},
    {"type": "EnvelopedVerifiablePresentation"},
    {"type": []},
    {"type": None},
    {"id": None},
    {"id": 1},
    {"id": "eyJhbGciOiJFUzI1NiJ9.e30.AA"},
    {"id": "https://ecert.example/credentials/1"},
    {"id": "data:application/vc+jwt"},
    {"id": "data:,e30.e30.AA"},
    {"id": "data:text/plain,e30.e30.AA"},
    {"id": "data:application/vp+jwt,e30.e30.AA"},
    {"id": "data:application/vc+jwt;base64,e30"},
    {"id": "data:application/vc+cose,0oT/"},
    {"id": "not-a-credential"},
]


@pytest.mark.parametrize("change", FLAWS, ids=str)
def test_an_enveloped_object_with_one_flaw_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeInvalid):
        enveloped.read(WRAPPED | change)


@pytest.mark.parametrize("value", [None, "e30.e30.AA", [], 1])
def test_what_is_no_object_is_no_envelope(value: Any) -> None:
    with pytest.raises(EnvelopeInvalid):
        enveloped.read(value)


def test_a_media_type_of_another_kind_is_not_written() -> None:
    with pytest.raises(EnvelopeInvalid):
        enveloped.wrap("application/vp+jwt", "e30.e30.AA")


@pytest.mark.parametrize("text", ["0oT/", "0oT/\n", " 0oT/", "AA", "AA=="])
def test_base64_is_read_with_padding_or_without(text: str) -> None:
    assert enveloped.base64_decode(text) in (b"\xd2\x84\xff", b"\0")


@pytest.mark.parametrize("text", ["A", "0oT_", "0o T", "证", "AA=A"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(EnvelopeInvalid):
        enveloped.base64_decode(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("holder", ("holder",)),
        ("credentialSubject.firstName", ("credentialSubject", "firstName")),
        ("credentialSubject.phoneNumbers[0]", ("credentialSubject", "phoneNumbers", 0)),
        ("verifiableCredential[10]", ("verifiableCredential", 10)),
        ("a[0][1].b", ("a", 0, 1, "b")),
        ("credentialSubject.姓名", ("credentialSubject", "姓名")),
    ],
)
def test_a_path_is_read(text: str, path: tuple[str | int, ...]) -> None:
    assert paths.parse(text) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "[0]", "a[]", "a[-1]", "a[x]", "a[0", "a0]", "a[0]b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(SdPathInvalid):
        paths.parse(text)
