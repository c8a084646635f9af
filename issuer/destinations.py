"""Where a signed credential goes: into a wallet of ours, onto paper, or to nobody until its holder fetches it."""

from collections.abc import Iterable, Mapping

from issuer.records import RecordedIntent
from schemas.order import CredentialFormat, Identifier, IssuedCredential


def pushed(
    recorded: Iterable[RecordedIntent], signed: Mapping[Identifier, tuple[IssuedCredential, ...]]
) -> list[IssuedCredential]:
    """Return the signed credentials of these intents but those that are fetched."""
    fetched = {one.credential_id for each in recorded for one in each.intent.credentials if one.fetched}
    return [one for credentials in signed.values() for one in credentials if one.credential_id not in fetched]


def is_printed(credential: IssuedCredential) -> bool:
    """Tell whether it is a printed copy: the one SD-CWT that is bound to no key, and for no wallet."""
    return credential.format is CredentialFormat.SD_CWT and credential.holder_kid is None


def is_for_showing(credential: IssuedCredential) -> bool:
    """Tell whether it was made for a purpose (``issuer.purpose``): it ends, and is not refreshed."""
    return credential.format is CredentialFormat.SD_CWT and (credential.short_lived or credential.holder_kid is None)
