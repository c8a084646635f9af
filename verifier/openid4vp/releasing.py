"""Who gets the result (OpenID4VP 1.0, 8.2 and 14.3): by the redirect with its code, in the session that began."""

from hmac import compare_digest

from verifier.errors import ResultNotReleased
from verifier.openid4vp.requests import digest
from verifier.openid4vp.transactions import Flow, Transaction


def check_release(transaction: Transaction, *, session: str | None, response_code: str | None) -> None:
    """Return when the result of ``transaction`` may be given out.

    On the same device it goes to the browser that began and that the wallet sent back, and to nobody else: whoever
    relayed the request to somebody else's wallet has no response code, and whoever got the code has no session. Across
    devices the wallet has no such browser; who began asks by its own authority.

    Raises:
        ResultNotReleased: the session is another one, or the response code is missing or wrong.
    """
    if transaction.flow is not Flow.SAME_DEVICE:
        return
    if not _is(response_code, transaction.response_code) or not _is(session, transaction.session):
        raise ResultNotReleased("result is for the browser that began, with the code that the wallet brought back")


def _is(brought: str | None, kept: str | None) -> bool:
    return kept is not None and brought is not None and compare_digest(digest(brought), kept)
