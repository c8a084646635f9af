"""What goes back to a verifier: the response (8.2, 8.3), an error (8.5), over HTTP or to the browser."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from keys import strict_json
from keys.errors import EncryptionRefused, KeysError
from schemas.openid4vp.errors import InvalidPresentationRequest, PresentationRequestRefused
from schemas.openid4vp.metadata import ClientMetadata
from schemas.openid4vp.request import AuthorizationRequest
from schemas.openid4vp.response import Response
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpPort, HttpRequest, HttpResponse
from wallet_api.openid4vci.web import check_url
from wallet_api.openid4vp.errors import PresentationNotTaken

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """How it went: where the browser goes next (8.2), or what the browser hands to the site that called (A.4)."""

    redirect_uri: str | None = None
    dc_api: dict[str, Any] | None = field(default=None, repr=False)


def members_of(request: AuthorizationRequest, response: Response) -> dict[str, Any]:
    """Return the parameters of the response as JSON values, encrypted when the request asks for it.

    Raises:
        InvalidPresentationRequest: the verifier's key is none that we encrypt to.
    """
    if not request.response_mode.encrypted:
        return response.members()
    try:
        return {"response": response.encrypted(request.metadata or ClientMetadata())}
    except EncryptionRefused as exc:
        raise InvalidPresentationRequest("client_metadata holds a key that cannot be encrypted to") from exc


async def send(http: HttpPort, request: AuthorizationRequest, response: Response) -> Sent:
    """Send the response to ``response_uri`` and return what the verifier answers.

    Raises:
        PresentationNotTaken: another answer than 200, or none.
        InvalidPresentationRequest: as ``members_of``.
    """
    members = members_of(request, response)
    form = members if request.response_mode.encrypted else response.form()
    try:
        answer = await http.send(HttpRequest("POST", check_url(request.response_uri), _FORM, urlencode(form).encode()))
    except (AddressRefused, HttpFailed) as exc:
        raise PresentationNotTaken(f"verifier was not reached: {exc.code}") from exc
    if answer.status != 200:
        raise PresentationNotTaken(f"verifier did not take the presentation: status {answer.status}")
    return Sent(_redirect(answer))


async def send_error(http: HttpPort, uri: str, error: PresentationRequestRefused, *, state: str | None) -> None:
    """Tell a verifier why its request is not answered (8.5), in the clear; whether it hears it does not matter."""
    form = Response(state=state, error=error.error).form()
    try:
        await http.send(HttpRequest("POST", check_url(uri), _FORM, urlencode(form).encode()))
    except (AddressRefused, HttpFailed):
        return


def _redirect(answer: HttpResponse) -> str | None:
    """Return ``redirect_uri`` when it is an address for a browser; whatever else came counts for nothing."""
    try:
        uri = strict_json.loads_object(answer.body).get("redirect_uri")
        return None if uri is None else _for_browser(uri)
    except KeysError:
        return None


def _for_browser(uri: object) -> str | None:
    # A fragment is allowed here; a scheme other than https would start something else on the holder's device.
    text = uri if isinstance(uri, str) else ""
    try:
        check_url(text.partition("#")[0])
    except AddressRefused:
        return None
    return text
