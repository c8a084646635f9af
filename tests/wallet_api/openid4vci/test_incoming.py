"""What comes in each format is read as the issuer wrote it."""

import pytest

from issuer.profile import ProfileConfig
from keys import jws, strict_json
from schemas.order import CredentialFormat, IssuedCredential
from schemas.types import certificate_type
from tests.support.golden import BASE, _credentials, key
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.errors import CredentialResponseInvalid
from wallet_api.openid4vci.incoming import credential_of
from wallet_api.openid4vci.sources import Asked

FORMATS = ["dc+sd-jwt", "jwt_vc_json", "ldp_vc"]
TYPE = "business_licence"


def issued(form: str, type_id: str = TYPE) -> IssuedCredential:
    made = _credentials(certificate_type(type_id), key("incoming"), ProfileConfig(formats=(form,)))
    return next(one for one in made if not one.short_lived)


def read(token: str, form: str, type_id: str = TYPE) -> IssuedCredential:
    ctype = certificate_type(type_id)
    kept = Configuration("c", CredentialFormat(form), ctype, None, True, frozenset(), "", "", ())
    sent = issued(form, type_id)
    issuer = f"{BASE}/issuers/{ctype.department}"
    asked = Asked(sent.holder_id, issuer, issuer, "c", None, sent.holder_kid or "")
    return credential_of(token, asked=asked, configuration=kept)


@pytest.mark.parametrize("form", FORMATS)
def test_a_credential_is_read_as_it_was_issued(form: str) -> None:
    sent = issued(form)
    got = read(sent.token, form)
    assert (got.identifier, got.type_id, got.format) == (sent.identifier, sent.type_id, sent.format)
    assert (got.issued_at, got.expires_at) == (sent.issued_at, sent.expires_at)
    assert got.status.index == sent.status.index
    assert not got.short_lived


@pytest.mark.parametrize("form", FORMATS)
def test_one_format_is_not_read_as_another(form: str) -> None:
    for other in set(FORMATS) - {form}:
        with pytest.raises(CredentialResponseInvalid):
            read(issued(other).token, form)


def test_one_text_has_one_id() -> None:
    token = issued("dc+sd-jwt").token
    assert read(token, "dc+sd-jwt").credential_id == read(token, "dc+sd-jwt").credential_id
    assert read(token, "dc+sd-jwt").credential_id != read(issued("jwt_vc_json").token, "jwt_vc_json").credential_id


@pytest.mark.parametrize("changes", [{"credentialSubject": [{}]}, {"credentialStatus": []}])
def test_a_document_without_one_subject_or_a_status_is_no_certificate(changes: dict[str, object]) -> None:
    document = strict_json.loads_object(issued("ldp_vc").token.encode()) | changes
    with pytest.raises(CredentialResponseInvalid):
        read(strict_json.dumps(document).decode(), "ldp_vc")


def test_two_subjects_in_a_jwt_are_no_certificate() -> None:
    claims = jws.peek(issued("jwt_vc_json").token).peek_claims()
    subject = claims["vc"].pop("credentialSubject")
    claims["vc"]["credentialSubject"] = [subject, subject]
    claims.pop("sub", None)
    token = jws.sign(strict_json.dumps(claims), key("incoming"), typ="JWT")
    with pytest.raises(CredentialResponseInvalid):
        read(token, "jwt_vc_json")
