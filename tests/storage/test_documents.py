"""The forms of sealed records: what an earlier version wrote is still read."""

from dataclasses import replace

from ecert.storage.documents import intent_document, intent_of
from issuer.records import CopyMark
from keys import strict_json
from tests.support.ledger_contract import an_intent


def test_a_record_without_the_member_fetched_was_not_fetched() -> None:
    intent = an_intent("A1")
    members = strict_json.loads_object(intent_document(intent))
    assert [len(each) for each in members["credentials"]] == [4, 4]
    assert intent_of(intent_document(intent)) == intent


def test_a_purpose_certificate_is_written_as_before() -> None:
    intent = an_intent("A1")
    shown = replace(intent.credentials[0], purpose="licence", copy=CopyMark("示例窗口", "办理开户", 30))
    intent = replace(intent, credentials=(shown,))
    members = strict_json.loads_object(intent_document(intent))
    assert members["credentials"][0][4:] == ["licence", ["示例窗口", "办理开户", 30]]
    assert intent_of(intent_document(intent)) == intent


def test_what_is_fetched_comes_back_as_such() -> None:
    intent = an_intent("A1")
    made = tuple(replace(each, fetched=True) for each in intent.credentials)
    intent = replace(intent, credentials=made)
    assert intent_of(intent_document(intent)) == intent
