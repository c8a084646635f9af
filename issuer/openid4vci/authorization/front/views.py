"""What the pages say, as plain values for the templates. Every text is there in zh and en."""

from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.authorization.front.choosing import Choice
from issuer.openid4vci.authorization.front.logins import Session, person_of
from issuer.openid4vci.authorization.front.redirects import form_source
from issuer.openid4vci.authorization.front.requests import AuthorizationRequest
from issuer.openid4vci.configuration import Configuration
from issuer.openid4vci.errors import InvalidRequestUri, LoginError, NoLogin, ProtocolError
from schemas.catalogue import AssuranceLevel
from schemas.types import department

_LEVELS = {
    AssuranceLevel.ACCOUNT: ("账号", "account"),
    AssuranceLevel.REAL_NAME: ("实名", "real name"),
    AssuranceLevel.PRESENCE: ("实人（人脸）", "presence (face)"),
}
_FORMS = {"dc+sd-jwt": "SD-JWT VC", "jwt_vc_json": "W3C VC (JWT)", "ldp_vc": "W3C VC (JSON-LD)"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page's name, its values, and its HTTP status; ``target`` is where its form may lead in the end."""

    name: str
    values: dict[str, Any]
    status: int = 200
    target: str = ""

    @property
    def policy(self) -> str:
        """The content security policy: no script at all, nobody's frame, and forms that lead here and to the target.

        Chromium holds a redirect after a form to ``form-action`` (CSP 3, 6.3.1).
        """
        return (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {self.target}".rstrip()
        )


def login_page(session: Session, *, refused: bool = False) -> Page:
    """Return the page with the form of an embedded provider."""
    values = _common(session.request) | {"token": session.token, "refused": refused}
    target = form_source(session.request.redirect_uri)
    return Page(session.form or "", values, 403 if refused else 200, target)


def consent_page(session: Session, choice: Choice) -> Page:
    """Return the consent page, or the one that says why there is nothing to consent to."""
    person = person_of(session)
    values = _common(session.request) | {
        "token": session.token,
        "person": person.name,
        "level": _LEVELS[person.level],
        "granted": _by_type(choice.granted),
        "too_low": _by_type(choice.too_low),
        "absent": _by_type(choice.absent),
        "foreign": choice.foreign,
        "gone": choice.gone,
    }
    name = "openid4vci/consent" if choice.granted else "openid4vci/nothing"
    return Page(name, values, target=form_source(session.request.redirect_uri))


def error_page(error: ProtocolError) -> Page:
    """Return the page of an error before there is a way back to the client."""
    zh, en = "授权请求有误。", "The authorization request is not valid."
    if isinstance(error, InvalidRequestUri):
        zh, en = "授权请求不存在、已用过或已过期。", "The authorization request is unknown, was used, or is too old."
    elif isinstance(error, NoLogin):
        zh, en = "登录已结束或已过期。", "The login has ended or is too old."
    elif isinstance(error, LoginError):
        zh, en = "未能核实您的身份。", "Your identity could not be established."
    elif error.status == 429:
        zh, en = "请求过于频繁，请稍后再试。", "Too many requests: try again later."
    return Page("openid4vci/error", {"zh": zh, "en": en, "error": error.error}, error.status)


def _common(request: AuthorizationRequest) -> dict[str, Any]:
    office = department(request.department)
    return {
        "issuer_zh": office.name_zh,
        "issuer_en": office.name_en,
        "client": request.client_id,
        # A wallet's id is no secret, and an attested one may be answered anywhere: the person sees where.
        "answered_at": form_source(request.redirect_uri),
    }


def _by_type(found: tuple[Configuration, ...]) -> list[dict[str, Any]]:
    types = dict.fromkeys(each.type.id for each in found)
    return [_described([each for each in found if each.type.id == type_id]) for type_id in types]


def _described(same: list[Configuration]) -> dict[str, Any]:
    kind = same[0].type
    return {
        "name_zh": kind.name_zh,
        "name_en": kind.name_en,
        "formats": [_FORMS[each.format] for each in same],
        "level": _LEVELS[kind.assurance],
        "fields": [(field.label_zh, field.label_en, field.sensitive) for field in kind.fields],
    }
