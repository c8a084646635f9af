"""A PDF is judged by what is attached and by its code; what is hostile about it is refused, one flaw at a time."""

import io
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fpdf import FPDF
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from schemas.formats.sd_cwt import kbt
from schemas.formats.sd_cwt.credential import PrintedCopy
from schemas.qr import drawing
from schemas.qr.paper import paper_code
from schemas.report import Outcome, Verdict
from tests.support import forms
from tests.support.desk import DAY, INDEX, NOW, Desk, seconds
from verifier import pdf_parts, pdf_reading
from verifier.errors import PdfRefused, PdfToolsMissing
from verifier.pdf_parts import ATTACHMENT, Refused
from verifier.pdf_reading import PdfCopy, is_pdf, read_pdf, verify_copy
from verifier.policy import Policy
from verifier.reading import read_presentation

MARK = PrintedCopy("江门市示例打印社", "办理示例事项", seconds(NOW - DAY), seconds(NOW + DAY))
Name = generic.pdf_name


def token(desk: Desk, mark: PrintedCopy = MARK, **changes: Any) -> str:
    parts: dict[str, Any] = {"redacted": frozenset(), "holder_key": None, "printed_copy": mark}
    return kbt.to_text(forms.full_sd_cwt(desk.certificate(**changes), **parts))


def pdf(*, attached: dict[str, bytes], codes: list[str], pages: int = 1, side: float = 210) -> bytes:
    """A page with codes drawn as pictures, and attachments by name."""
    sheet = FPDF(format=(side, side))
    for _ in range(pages):
        sheet.add_page()
    for place, code in enumerate(codes):
        picture = io.BytesIO(drawing.draw(code).png(6))
        sheet.image(picture, x=10 + 95 * place, y=20, w=90)
    for name, content in attached.items():
        sheet.embed_file(bytes=content, basename=name, compress=True)
    return bytes(sheet.output())


def copy_of(whole: str, code: str | None = None, **changes: Any) -> bytes:
    text = paper_code(code or whole).text
    return pdf(**{"attached": {ATTACHMENT: kbt.from_text(whole)}, "codes": [text]} | changes)


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(data)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def judge(desk: Desk, copy: PdfCopy) -> Any:
    return verify_copy(copy, policy=Policy(accepted_types=None), evidence=desk.evidence(), now=NOW)


# In order


@pytest.fixture(scope="module")
def whole() -> str:
    return token(Desk())


@pytest.fixture(scope="module")
def good(whole: str) -> bytes:
    return copy_of(whole)


def test_a_copy_is_taken_apart_in_a_process_of_its_own(good: bytes, whole: str) -> None:
    assert is_pdf(good)
    assert read_pdf(good) == PdfCopy(whole, whole)


def test_both_credentials_verify_and_the_copy_is_to_be_compared(desk: Desk, whole: str) -> None:
    report = judge(desk, PdfCopy(whole, whole))
    assert report.verdict is Verdict.INDETERMINATE
    assert report.is_to_compare
    assert report.claims_to_compare()["legal_representative"] == "陈大文"


@pytest.mark.parametrize("other", ["HTTPS://EXAMPLE.COM", "ecert:r/" + "A" * 22])
def test_a_code_of_others_beside_ours_is_passed_over(whole: str, other: str) -> None:
    ours = paper_code(whole).text
    assert pdf_parts.code(pdf(attached={}, codes=[ours, other])) == whole
    assert list(pdf_parts._ours((other, ours))) == [whole]


def test_what_comes_in_is_written_out_as_found(good: bytes, whole: str) -> None:
    for data, expected in ((good, whole), (pdf(attached={}, codes=[]), "no_credential")):
        out = io.StringIO()
        pdf_parts.main(io.BytesIO(data), out)
        assert expected in out.getvalue()


# Contradictions


def test_a_code_of_another_certificate_is_found_out(desk: Desk, whole: str) -> None:
    other = token(desk, claims={"legal_representative": "李示例"})
    report = judge(desk, PdfCopy(whole, other))
    assert report.verdict is Verdict.INVALID
    assert report.check("presentation").reason == "pdf_contradicts"
    assert not report.is_to_compare


def test_a_code_of_another_copy_is_found_out(desk: Desk, whole: str) -> None:
    other = token(desk, mark=PrintedCopy("别人", "别的事", MARK.made_at, MARK.expires_at))
    assert judge(desk, PdfCopy(whole, other)).check("presentation").reason == "pdf_contradicts"


def test_what_is_no_printed_copy_makes_no_pdf_valid(desk: Desk, whole: str) -> None:
    from schemas.order import CredentialFormat

    shown = forms.present(CredentialFormat.SD_CWT, desk.certificate())
    for copy in (PdfCopy(shown, shown), PdfCopy(shown, whole), PdfCopy(whole, shown)):
        report = judge(desk, copy)
        assert report.verdict is Verdict.INVALID
        assert report.check("presentation").reason == "pdf_contradicts"


def test_an_altered_attachment_fails_by_its_signature(desk: Desk, whole: str) -> None:
    altered = bytearray(kbt.from_text(whole))
    altered[-1] ^= 1
    report = judge(desk, PdfCopy(kbt.to_text(bytes(altered)), whole))
    assert report.check("signature").outcome is Outcome.FAILED
    assert report.check("presentation").reason != "pdf_contradicts"


def test_a_revoked_one_is_revoked_in_both(desk: Desk, whole: str) -> None:
    desk.statuses[INDEX] = 1
    report = judge(desk, PdfCopy(whole, whole))
    assert report.check("status").outcome is Outcome.FAILED
    assert not report.is_to_compare


def test_what_is_no_credential_at_all_is_no_credential(desk: Desk, whole: str) -> None:
    assert judge(desk, PdfCopy("bm90aGluZw", whole)).check("format").outcome is Outcome.FAILED


# Refused


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        pdf_parts.parts(data)
    return str(caught.value)


def catalog(name: str, value: Callable[[], Any]) -> Callable[[Any], None]:
    def change(writer: Any) -> None:
        writer.root[Name(name)] = value()
        writer.update_root()

    return change


def action(kind: str, **members: Any) -> Any:
    return generic.DictionaryObject({Name("/S"): Name(kind), **{Name(f"/{k}"): v for k, v in members.items()}})


@pytest.mark.parametrize("kind", ["/JavaScript", "/Launch", "/SubmitForm", "/GoToR", "/ImportData"])
def test_an_action_that_runs_or_sends_is_refused(good: bytes, kind: str) -> None:
    assert refusal(edited(good, catalog("/OpenAction", lambda: action(kind)))) == "active_content"


@pytest.mark.parametrize("member", ["/JS", "/XFA"])
def test_a_script_wherever_it_stands_is_refused(good: bytes, member: str) -> None:
    def script() -> Any:
        held = generic.DictionaryObject({Name(member): generic.pdf_string("app.alert(1)")})
        return generic.ArrayObject([held])

    assert refusal(edited(good, catalog("/AcroForm", script))) == "active_content"


def test_an_encrypted_one_is_refused(good: bytes) -> None:
    data = edited(good, lambda writer: writer.encrypt("secret", "secret"))
    assert refusal(data) == "encrypted"


def test_another_attachment_is_no_credential(whole: str) -> None:
    assert refusal(copy_of(whole, attached={"invoice.xml": b"<a/>"})) == "no_credential"


def test_two_credentials_are_refused(good: bytes, whole: str) -> None:
    def twice(writer: Any) -> None:
        from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file

        held = EmbeddedFileObject.from_file_data(writer, data=b"other")
        embed_file(writer, FileSpec(ATTACHMENT, embedded_data=held, af_relationship=Name("/Data")))

    assert refusal(edited(good, twice)) == "several_credentials"


def test_many_attachments_are_refused(whole: str) -> None:
    many = {f"{n}.txt": b"x" for n in range(pdf_parts.MAX_ATTACHMENTS + 1)}
    assert refusal(copy_of(whole, attached=many)) == "too_many_attachments"


def test_a_bomb_in_the_attachment_is_not_inflated(whole: str) -> None:
    assert refusal(copy_of(whole, attached={ATTACHMENT: bytes(50 << 20)})) == "attachment_too_large"


PREDICTOR = generic.DictionaryObject({Name("/Predictor"): generic.NumberObject(2)})


@pytest.mark.parametrize("members", [{"/Filter": Name("/LZWDecode")}, {"/DecodeParms": PREDICTOR}], ids=str)
def test_an_attachment_coded_otherwise_is_refused(good: bytes, members: dict[str, Any]) -> None:
    reader = PdfFileReader(io.BytesIO(good))
    specs = [each for each in pdf_parts._dictionaries(reader) if "/EF" in each]
    stream = specs[0]["/EF"]["/F"].get_object()
    for name, value in members.items():
        stream[Name(name)] = value
    with pytest.raises(Refused, match="attachment_coded"):
        pdf_parts._inflated(stream)
    with pytest.raises(Refused, match="attachment_coded"):
        pdf_parts._inflated(generic.DictionaryObject())


def test_an_attachment_that_is_not_compressed_is_read() -> None:
    stream = generic.StreamObject(stream_data=b"plain")
    assert pdf_parts._inflated(stream) == b"plain"
    packed = generic.StreamObject({Name("/Filter"): Name("/FlateDecode")}, encoded_data=zlib.compress(b"plain"))
    assert pdf_parts._inflated(packed) == b"plain"


def test_more_objects_than_a_copy_has_are_not_walked(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_parts, "MAX_NODES", 10)
    assert refusal(good) == "too_many_objects"


def test_many_pages_are_refused(whole: str) -> None:
    assert refusal(copy_of(whole, pages=pdf_parts.MAX_PAGES + 1)) == "too_many_pages"


def test_a_large_page_is_not_drawn(whole: str) -> None:
    assert refusal(copy_of(whole, side=600)) == "page_too_large"


def test_a_copy_without_a_code_is_refused(whole: str) -> None:
    assert refusal(copy_of(whole, codes=[])) == "no_code"


def test_two_codes_are_refused(desk: Desk, whole: str) -> None:
    other = paper_code(token(desk, claims={"legal_representative": "李示例"})).text
    assert refusal(copy_of(whole, codes=[paper_code(whole).text, other])) == "several_codes"


def test_every_reason_has_its_words() -> None:
    used = set(Path(pdf_parts.__file__).read_text(encoding="utf-8").split('Refused("')[1:])
    assert {each.partition('"')[0] for each in used} <= set(pdf_reading._REASONS)


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\nnothing", b"%PDF-1.7\n%%EOF", b"%PDF-"],
    ids=["nothing", "end", "begin"],
)
def test_a_broken_one_is_refused(data: bytes) -> None:
    with pytest.raises(PdfRefused, match="broken"):
        read_pdf(data)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_one_is_read_or_refused_and_nothing_else(good: bytes, whole: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same every time
    damaged = bytearray(good)
    for _ in range(3**seed):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    try:
        assert read_pdf(bytes(damaged)) == PdfCopy(whole, whole)
    except PdfRefused as exc:
        assert str(exc).startswith("PDF ")  # noqa: PT017 - either may come


def test_a_reason_reaches_the_caller_in_words(whole: str) -> None:
    with pytest.raises(PdfRefused, match="no credential attached"):
        read_pdf(copy_of(whole, attached={}))


def test_a_large_file_is_not_read() -> None:
    with pytest.raises(PdfRefused, match="limit"):
        read_pdf(b"%PDF-" + bytes(pdf_reading.MAX_PDF))


def test_what_parses_it_knows_no_secret_of_the_server(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECERT_PASSPHRASE", "secret")
    seen: list[dict[str, str]] = []
    real = subprocess.run

    def run(*args: Any, **given: Any) -> Any:
        seen.append(given["env"])
        return real(*args, **given)

    monkeypatch.setattr(subprocess, "run", run)
    read_pdf(good)
    assert [set(each) for each in seen] == [{"PATH", "LANG"}]


def test_one_that_takes_too_long_is_given_up(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("pdf_parts", 30)

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(PdfRefused, match="too long"):
        read_pdf(good)


def test_without_the_extra_it_says_so(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_reading, "_TOOLS", ("no_such_tool",))
    with pytest.raises(PdfToolsMissing, match="extra pdf"):
        read_pdf(good)


def test_the_process_is_limited_where_the_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import resource

    taken: list[int] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, _: taken.append(kind))
    pdf_parts.limit()
    assert resource.RLIMIT_AS in taken
    there = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "resource":
            raise ImportError(name)
        return there(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    taken.clear()
    pdf_parts.limit()
    assert not taken


# Given to a verifier


def test_the_command_line_reads_a_pdf(good: bytes, whole: str, tmp_path: Path) -> None:
    (tmp_path / "copy.pdf").write_bytes(good)
    assert read_presentation(str(tmp_path / "copy.pdf"), io.BytesIO()) == (PdfCopy(whole, whole), ())
