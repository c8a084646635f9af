"""The grants: pre-authorized code, authorization code, refresh token (OpenID4VCI 1.0, 6; RFC 6749, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wallet_api.openid4vci.client import Client, Instance
from wallet_api.openid4vci.discovery import ServerMetadata
from wallet_api.openid4vci.errors import TokenRefused, TokenResponseInvalid, TxCodeInvalid, error_word
from wallet_api.openid4vci.offers import PRE_AUTHORIZED, PreAuthorized
from wallet_api.openid4vci.sources import Access
from wallet_api.openid4vci.web import Answer

DEFAULT_LIFE = 300  # seconds, where expires_in is missing (RFC 6749, 5.1: recommended)
_MAX_LIFE = 86_400
_MAX_TOKEN = 8_192
_MAX_IDENTIFIERS = 50
_MAX_IDENTIFIER = 1_024


def check_tx_code(grant: PreAuthorized, tx_code: str | None) -> None:
    """Return if ``tx_code`` is there, and of the form, exactly when the offer asks for one; raises TxCodeInvalid."""
    if grant.tx_code is None and tx_code is not None:
        raise TxCodeInvalid("offer asks for no transaction code")
    if grant.tx_code is not None and tx_code is None:
        raise TxCodeInvalid("offer asks for a transaction code")
    if grant.tx_code is not None and tx_code is not None and not grant.tx_code.fits(tx_code):
        raise TxCodeInvalid("transaction code has not the form that the offer names")


async def by_pre_authorized_code(
    client: Client, server: ServerMetadata, grant: PreAuthorized, tx_code: str | None, *, instance: Instance
) -> Access:
    """Return the access that the offer's code gives.

    Raises:
        TokenRefused, TokenResponseInvalid: the server's answer.
        ServerMetadataInvalid: it takes no client of our kind.
    """
    form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": grant.code}
    if tx_code is not None:
        form["tx_code"] = tx_code
    client_id = client.named_at(server, pre_authorized=True)
    return await _access(client, server, form, instance=instance, client_id=client_id)


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """An authorization code, and what goes with it to the token endpoint (RFC 6749, 4.1.3; RFC 7636, 4.5)."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


async def by_code(client: Client, server: ServerMetadata, grant: CodeGrant, *, instance: Instance) -> Access:
    """Return the access that an authorization code gives; raises as ``by_pre_authorized_code``."""
    form = {
        "grant_type": "authorization_code",
        "code": grant.code,
        "code_verifier": grant.verifier,
        "redirect_uri": grant.redirect_uri,
    }
    client_id = client.named_at(server, pre_authorized=False)
    return await _access(client, server, form, instance=instance, client_id=client_id)


async def by_refresh_token(client: Client, server: ServerMetadata, access: Access, *, instance: Instance) -> Access:
    """Return fresh access; identifiers and refresh token stay where the answer names none.

    Raises:
        As ``by_pre_authorized_code``; TokenRefused also when there is no refresh token.
    """
    if access.refresh_token is None:
        raise TokenRefused("there is no refresh token", word="invalid_grant")
    form = {"grant_type": "refresh_token", "refresh_token": access.refresh_token}
    fresh = await _access(client, server, form, instance=instance, client_id=access.client_id)
    return Access(
        fresh.token,
        fresh.dpop,
        fresh.client_id,
        fresh.expires_at,
        fresh.refresh_token or access.refresh_token,
        fresh.identifiers or access.identifiers,
    )


async def _access(
    client: Client, server: ServerMetadata, form: Mapping[str, str], *, instance: Instance, client_id: str | None
) -> Access:
    answer = await client.post(server, server.token_endpoint, form, instance=instance, client_id=client_id)
    if answer.status != 200:
        raise TokenRefused("authorization server refused", word=error_word(answer.error))
    bound = client.binds(server, instance)
    return read_token_response(answer, client_id=client_id, bound=bound, now=client.now())


def read_token_response(answer: Answer, *, client_id: str | None, bound: bool, now: datetime) -> Access:
    """Return the access of a token response; ``bound``: a DPoP proof was sent, so the token must be bound to it.

    Raises:
        TokenResponseInvalid: a rule of RFC 6749, 5.1, RFC 9449, 5 or OpenID4VCI 1.0, 6.2 is broken.
    """
    members = answer.members
    if members is None:
        raise TokenResponseInvalid("token response is no JSON object")
    kind = members.get("token_type")
    if not isinstance(kind, str) or kind.lower() != ("dpop" if bound else "bearer"):
        raise TokenResponseInvalid("token_type is another one than the request asked for")
    life = members.get("expires_in", DEFAULT_LIFE)
    if not isinstance(life, int | float) or isinstance(life, bool) or life <= 0:
        raise TokenResponseInvalid("expires_in is no positive number")
    refresh = members.get("refresh_token")
    return Access(
        token=_token(members.get("access_token"), "access_token"),
        dpop=bound,
        client_id=client_id,
        expires_at=now + timedelta(seconds=min(life, _MAX_LIFE)),
        refresh_token=None if refresh is None else _token(refresh, "refresh_token"),
        identifiers=_identifiers(members.get("authorization_details")),
    )


def _identifiers(details: Any) -> dict[str, tuple[str, ...]]:
    """The credential identifiers by configuration (6.2); entries of other types are passed over."""
    if details is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for entry in details if isinstance(details, list) else (None,):
        if not isinstance(entry, dict):
            raise TokenResponseInvalid("authorization_details is no array of objects")
        if entry.get("type") == "openid_credential":
            name, identifiers = entry.get("credential_configuration_id"), entry.get("credential_identifiers")
            if not isinstance(name, str) or name in found:
                raise TokenResponseInvalid("authorization_details names no configuration, or one twice")
            found[name] = _credential_identifiers(identifiers)
    return found


def _credential_identifiers(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    texts = {each for each in listed if isinstance(each, str) and 0 < len(each) <= _MAX_IDENTIFIER}
    if not 0 < len(listed) <= _MAX_IDENTIFIERS or len(texts) != len(listed):
        raise TokenResponseInvalid("authorization_details names no credential identifiers, or one twice")
    return tuple(listed)


def _token(value: Any, name: str) -> str:
    # RFC 6749, A.12 and A.17: visible ASCII and spaces; it goes into a header or a form as it is.
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TOKEN or not all(" " <= each <= "~" for each in value):
        raise TokenResponseInvalid(f"{name} is no text of visible characters")
    return value
