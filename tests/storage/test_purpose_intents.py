"""A purpose certificate that was planned and not signed comes back from the database with its purpose and its mark."""

from dataclasses import replace
from typing import Any

import pytest

from ecert.storage import Storage
from issuer.records import CopyMark, CredentialIntent
from schemas.order import CredentialFormat
from tests.support.ledger_contract import an_intent, identifier_of, signed

SHOWN = {"purpose": "licence", "short_lived": True}
PRINTED = {"purpose": "licence", "copy": CopyMark("示例窗口", "办理开户", 30)}
WHOLE = {"copy": CopyMark("示例窗口", "办理开户", 30)}


def planned(first: CredentialIntent, **changes: Any) -> CredentialIntent:
    return replace(first, credential_id="planned", format=CredentialFormat.SD_CWT, **changes)


@pytest.mark.parametrize("changes", [SHOWN, PRINTED, WHOLE], ids=["shown", "printed", "whole"])
def test_what_was_planned_for_a_purpose_is_planned_for_it_after_a_crash(
    storage: Storage, changes: dict[str, Any]
) -> None:
    intent = an_intent("A1")
    (recorded,) = storage.ledger.record_intents([intent])
    storage.ledger.record_issued([(intent.identifier, signed(recorded))])
    further = replace(intent, credentials=(planned(intent.credentials[0], **changes),))
    storage.ledger.add_credentials(identifier_of("A1"), further)
    (waiting,) = storage.ledger.unfinished(limit=10)
    assert waiting.intent.credentials == further.credentials
