"""Annotated copies as PDF: drawn from what was signed, with the credential attached, signed by the department."""

import base64
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdfium2 import PdfDocument

from ecert.cli import main
from ecert.copies import MadeCopy
from ecert.errors import CopyWriterMissing
from ecert.installation import ROOT
from ecert.pdf import ATTACHMENT, PdfCopyWriter
from ecert.pdf import fonts as pdf_fonts
from issuer.errors import OrderRefused, UnknownCertificate
from issuer.records import CopyMark
from keys.algorithms import Algorithm
from keys.encoding import b64url_text
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from keys.signer import SoftwareSigner
from schemas.order import Identifier
from schemas.qr import reading, text
from schemas.types import certificate_type
from tests.support.copies import identifier_of
from tests.support.ecert_world import World
from verifier import Policy, verify

MARK = CopyMark("示例银行江门分行", "办理开户 Opening an account", 30)
FONT = pdf_fonts.font_file(None)


def made(world: World, type_id: str = "business_licence", mark: CopyMark = MARK) -> MadeCopy:
    copy = world.container.copies.make(identifier_of(world, type_id), mark)
    world.container.publish_due()
    return copy


def attached(data: bytes) -> bytes:
    document = PdfDocument(data)
    (one,) = (document.get_attachment(number) for number in range(document.count_attachments()))
    assert one.get_name() == ATTACHMENT
    return bytes(one.get_data())


def words(data: bytes) -> str:
    document = PdfDocument(data)
    return "".join(page.get_textpage().get_text_bounded() for page in document)


def codes(data: bytes) -> list[str]:
    out = io.BytesIO()
    document = PdfDocument(data)
    document[len(document) - 1].render(scale=2.5).to_pil().save(out, "PNG")
    return list(reading.read(out.getvalue()).texts)


def judged(world: World, token: str) -> Any:
    return verify(
        token, policy=Policy(accepted_types=None), evidence=world.container.evidence.gather(), now=world.clock()
    )


def signature_status(data: bytes, root: bytes, moment: Any) -> Any:
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == SigSeedSubFilter.PADES.value
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(root)], moment=moment, allow_fetching=False, revocation_mode="soft-fail"
    )
    usage = KeyUsageConstraints(key_usage={"digital_signature"})
    return validate_pdf_signature(signature, context, key_usage_settings=usage)


def test_the_copy_says_what_was_signed_and_for_what(world: World) -> None:
    copy = made(world)
    said = words(copy.data).replace("\r\n", "").replace("\n", "")
    for expected in ("营业执照", "Business Licence", MARK.maker, MARK.cause, "加注件", "2026-"):
        assert expected in said
    assert "legal_representative_id_number" not in copy.fields
    assert (copy.media_type, copy.suffix) == ("application/pdf", ".pdf")


def test_the_attached_credential_and_the_code_are_to_be_compared_and_agree(world: World) -> None:
    data = made(world).data
    whole = judged(world, b64url_text(attached(data)))
    (code,) = codes(data)
    presented = text.decode(code)
    assert isinstance(presented, text.Presentation)
    shown = judged(world, presented.token)
    assert whole.is_to_compare, whole.to_dict()
    assert shown.claims_to_compare().items() <= whole.claims_to_compare().items()


def test_the_department_signed_the_file_and_nothing_may_change(world: World) -> None:
    data = made(world).data
    root = world.container.installation.blobs.read(ROOT)
    assert root is not None
    status = signature_status(data, root, world.clock())
    assert status.intact
    assert status.trusted, status.summary()
    assert status.docmdp_ok


def test_a_file_that_was_changed_is_no_longer_signed(world: World) -> None:
    data = made(world).data
    root = world.container.installation.blobs.read(ROOT)
    place = data.index(b"/Filespec")
    assert root is not None
    assert not signature_status(data[:place] + b"/FileSpec" + data[place + 9 :], root, world.clock()).intact


def test_the_attachment_is_associated_with_the_document(world: World) -> None:
    catalog = PdfFileReader(io.BytesIO(made(world).data)).root
    (spec,) = catalog["/AF"]
    assert spec.get_object()["/AFRelationship"] == "/Data"


@pytest.mark.parametrize("type_id", ["pollutant_discharge_permit", "driving_licence"])
def test_other_types_are_drawn(still_world: World, type_id: str) -> None:
    copy = made(still_world, type_id)
    assert certificate_type(type_id).name_zh in words(copy.data).replace("\r\n", "").replace("\n", "")
    assert codes(copy.data)


def picture() -> str:
    out = io.BytesIO()
    Image.new("RGB", (24, 30), (120, 140, 170)).save(out, "JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def test_a_portrait_is_drawn_beside_the_first_lines(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.copies.making._portrait", lambda *_: {"photo": picture()})
    for type_id in ("resident_id_card", "residence_permit"):
        document = PdfDocument(made(world, type_id).data)
        assert any(each.type == 3 for each in document[0].get_objects())  # FPDF_PAGEOBJ_IMAGE


def test_a_portrait_is_taken_only_when_its_digest_was_signed() -> None:
    from ecert.copies.making import _portrait

    ctype, uri = certificate_type("resident_id_card"), picture()
    content = base64.b64decode(uri.partition(",")[2])
    signed = {"photo_digest": f"sha256-{b64url_text(hashlib.sha256(content).digest())}"}
    assert _portrait(ctype, {"photo": uri, "name": "陈大文"}, signed) == {"photo": uri}
    assert _portrait(ctype, {"photo": uri}, {"photo_digest": "sha256-other"}) == {}


def test_what_is_too_long_for_one_page_goes_on_under_the_same_watermark(world: World) -> None:
    mark = CopyMark("某" * 200, "办" * 200, 30)
    for page in PdfDocument(made(world, "real_estate_ownership_certificate", mark).data):
        assert "办" * 20 in page.get_textpage().get_text_bounded().replace("\r\n", "")


def test_a_certificate_that_is_not_there_has_no_copy(world: World) -> None:
    with pytest.raises(UnknownCertificate):
        world.container.copies.make(Identifier("1.2.3"), MARK)


def test_a_copy_without_a_cause_is_not_made(world: World) -> None:
    with pytest.raises(OrderRefused):
        made(world, mark=CopyMark("示例银行", " ", 30))


def present(world: World, data: bytes) -> Any:
    headers = world.token("counter") | {"content-type": "application/pdf"}
    return world.client.post("/v1/verifications/present", content=data, headers=headers)


def test_a_counter_verifies_the_file_by_its_two_credentials(world: World) -> None:
    answer = present(world, made(world).data)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "indeterminate"
    assert answer.json()["printed_copy"]["cause"] == MARK.cause
    assert answer.json()["claims_to_compare"]


def test_a_file_that_is_no_copy_is_refused(world: World) -> None:
    answer = present(world, b"%PDF-1.7 nothing")
    assert (answer.status_code, answer.json()["code"]) == (422, "pdf_refused")


# What it needs


def test_without_the_libraries_it_says_how_to_get_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecert.pdf.writer._LIBRARIES", ("fpdf", "no_such_library"))
    with pytest.raises(CopyWriterMissing, match="extra pdf"):
        made(world)


def test_without_a_font_it_says_which_setting_names_one() -> None:
    with pytest.raises(CopyWriterMissing, match="ECERT_PDF_FONT"):
        pdf_fonts.font_file(None, places=("/no/such/font.ttc",))
    assert pdf_fonts.font_file(Path("/given.ttf")) == Path("/given.ttf")


def test_of_a_collection_the_mainlands_forms_are_taken() -> None:
    from fontTools.ttLib import TTFont

    with TTFont(FONT, fontNumber=pdf_fonts.face_number(FONT), lazy=True) as font:
        assert str(font["name"].getDebugName(1)).endswith("SC")


def test_a_file_with_one_font_is_taken_as_it_is(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(FONT, fontNumber=0, lazy=True) as font:
        for name in list(font.keys()):
            if name not in ("name", "head", "maxp"):
                del font[name]
        font.save(tmp_path / "one.ttf")
    assert pdf_fonts.face_number(tmp_path / "one.ttf") == 0


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.ttc").write_bytes(b"no font")
    with pytest.raises(CopyWriterMissing, match="cannot be read"):
        pdf_fonts.face_number(tmp_path / "none.ttc")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_kind_of_key_signs(world: World, algorithm: Algorithm, monkeypatch: pytest.MonkeyPatch) -> None:
    from ecert.pdf import signing

    now = world.clock()
    root_signer, key = SoftwareSigner.generate(), SoftwareSigner.generate(algorithm)
    root = create_root(root_signer, name="示例根证书", now=now)
    request = SigningRequest(key.public_key, "示例局", "11440799MB2X00012C", "https://city.example/issuers/amr")
    leaf = issue_signing_certificate(root_signer, root, request, now=now)
    signer = SoftwareSigner.from_pkcs8(key.to_pkcs8(), chain=[leaf])
    kept: list[Any] = []
    monkeypatch.setattr(signing, "signed", lambda document, _, content: kept.append((document, content)) or document)
    made(world)
    monkeypatch.undo()
    document, content = kept[0]
    assert signature_status(signing.signed(document, signer, content), root, now).intact
    with pytest.raises(CopyWriterMissing, match="no certificate"):
        signing.signed(document, key, content)


# The command


def test_the_command_writes_the_file(command_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del command_home
    from ecert.cli.common import opened

    with opened() as container:
        identifier = identifier_of(container, "business_licence")
    mark = ["--cause", "办理开户", "--maker", "示例银行"]
    assert main(["copy", identifier, *mark, "--out", str(tmp_path / "copy.pdf")]) == 0
    assert "加注件" in capsys.readouterr().out
    assert (tmp_path / "copy.pdf").read_bytes().startswith(b"%PDF-")
    assert main(["copy", identifier, *mark, "--out", str(tmp_path / "copy.ofd")]) == 3


def test_a_writer_may_be_of_any_font(world: World) -> None:
    assert PdfCopyWriter(FONT).suffix == ".pdf"
    assert world.container.settings.pdf_font is None


def test_no_wallet_holds_a_copy_and_says_so(world: World) -> None:
    """What a copy carries is bound to nobody's key: whoever has the file has it."""
    data = made(world).data
    holder_id = world.enterprise()
    header = world.token("holder", holder_id=holder_id)
    before = world.container.wallet.holdings.certificates(holder_id)
    out = io.BytesIO()
    PdfDocument(data)[0].render(scale=2.5).to_pil().save(out, "PNG")
    for content, kind in ((data, "application/pdf"), (out.getvalue(), "image/png")):
        answer = world.client.post("/v1/wallet/offers", content=content, headers=header | {"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (422, "copy_not_held"), answer.text
        assert "加注件" in answer.json()["title"]
    given = world.client.post("/v1/wallet/offers", json={"text": codes(data)[0]}, headers=header)
    assert given.json()["code"] == "copy_not_held"
    assert world.container.wallet.holdings.certificates(holder_id) == before


def test_a_copys_credential_is_not_kept_by_whatever_way_it_comes(world: World) -> None:
    holder_id = world.enterprise()
    key = world.container.wallet.holders.present_key(holder_id).key
    issued = world.container.purposes.annotated_copy(identifier_of(world, "business_licence"), "show", mark=MARK)
    for credential in issued.credentials:
        forced = replace(credential, holder_id=holder_id, holder_kid=key.kid)
        (refusal,) = world.container.wallet.receiving.receive([forced]).refused
        assert refusal.reason == "holder_key_mismatch"
