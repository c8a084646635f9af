"""Presentations as DCQL sees them: types, claims from the root, the keys of authorities, the key binding's claims."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from keys.encoding import b64url_text
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from schemas.order import CredentialFormat
from schemas.qr import compact
from tests.support import forms
from tests.support.delegations import Showing
from tests.support.desk import ANCHOR, HOLDER, LICENCE, MARKET, MARKET_KEY, NOW, Desk
from tests.support.forms import NONCE, present
from tests.support.vp_verifier import SD_JWT_QUERY, Verifier
from verifier import Policy
from verifier.errors import PresentationRefused
from verifier.judging import judge
from verifier.openid4vp import matching
from verifier.openid4vp.matching import candidate, key_binding_claims
from verifier.openid4vp.transactions import State


@pytest.mark.parametrize("form", [CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC])
def test_claims_of_the_w3cs_formats_start_at_the_credentials_root(desk: Desk, form: CredentialFormat) -> None:
    shown = present(form, desk.certificate())
    found = candidate(shown, desk.verify(shown, nonce=NONCE))
    assert found.claims["credentialSubject"][forms.SHOWN] == "示例食品销售和餐饮服务"
    assert "https://www.w3.org/2018/credentials#VerifiableCredential" in found.types
    assert len(found.types) == 2
    assert found.holder_bound


def test_an_sd_jwt_vc_has_its_vct(desk: Desk) -> None:
    shown = present(CredentialFormat.SD_JWT_VC, desk.certificate())
    found = candidate(shown, desk.verify(shown, nonce=NONCE))
    assert (found.types, found.authorities) == ({LICENCE}, {"aki": frozenset()})


def chained() -> tuple[bytes, str]:
    """A certificate of the market regulators' key, and its authority's key identifier."""
    root = create_root(ANCHOR, name="示例根证书", now=NOW)
    request = SigningRequest(MARKET_KEY.public_key, "示例市场监督管理局", "11440799MB2D00000X", MARKET)
    leaf = issue_signing_certificate(ANCHOR, root, request, now=NOW)
    return leaf, b64url_text(x509.SubjectKeyIdentifier.from_public_key(_loaded(root)).digest)


def _loaded(root: bytes) -> CertificatePublicKeyTypes:
    return x509.load_der_x509_certificate(root).public_key()


def test_an_authority_is_known_by_the_key_that_the_chain_names() -> None:
    leaf, identifier = chained()
    verifier = Verifier()
    certificate = verifier.desk.certificate(signer=MARKET_KEY.with_chain((leaf,)), x5c=True)
    for wanted, verdict in ((identifier, "valid"), ("AAAA", "invalid")):
        begun = verifier.begin(SD_JWT_QUERY | {"trusted_authorities": [{"type": "aki", "values": [wanted]}]})
        shown = verifier.shown(begun, certificate=certificate)
        if verdict == "valid":
            assert verifier.answer(begun, shown).transaction.state is State.ANSWERED
        else:
            with pytest.raises(PresentationRefused, match="mismatch"):
                verifier.answer(begun, shown)


def test_a_certificate_without_the_extension_names_no_authority() -> None:
    root = create_root(ANCHOR, name="示例根证书", now=NOW)
    assert matching._key_ids(root) == []
    assert matching._key_ids(b"") == []
    assert matching._authority_keys("no presentation") == frozenset()


def test_an_authority_named_by_its_certificate_alone_has_no_identifier() -> None:
    key = HOLDER
    name = x509.Name([])
    names = [x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "示例")]))]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW.replace(year=2027))
    builder = builder.public_key(_loaded(create_root(key, name="x", now=NOW)))
    builder = builder.add_extension(x509.AuthorityKeyIdentifier(None, names, 7), critical=False)
    assert matching._key_ids(key.sign_certificate(builder)) == []


@pytest.mark.parametrize("text", ["a.b.c", "a~", "a~b", "a~b~x.y.z"])
def test_what_has_no_key_binding_says_nothing(text: str) -> None:
    assert key_binding_claims(text) == {}


def test_what_an_agent_shows_is_bound_to_the_holder_by_the_delegation() -> None:
    leaf, identifier = chained()
    desk = Desk()
    certificate = desk.certificate(signer=MARKET_KEY.with_chain((leaf,)), x5c=True).sd_jwt()
    shown = Showing(certificate=certificate).shown()
    for text in (shown, f"ZK1:{compact.pack(shown)}"):
        report = judge(text, policy=Policy(accepted_types=None), evidence=desk.evidence(), now=NOW).report
        found = candidate(text, report)
        assert found.holder_bound
        assert found.authorities == {"aki": {identifier}}
