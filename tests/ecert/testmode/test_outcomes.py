"""Every magic certificate, shown by the test wallet over OpenID4VP, and what a verification says of it."""

from pathlib import Path
from typing import Any

import pytest

from ecert.testmode.outcomes import BEGIN, DECLINE, END, EXPECTED, Magic, table
from ecert.testmode.wallet import SampleRefused
from schemas.openid4vp.client_id import Prefix
from tests.support.ecert_world import World
from tests.support.sample_town import SampleWorld, asked
from verifier.openid4vp.transactions import State


@pytest.fixture
def sample(world: World) -> SampleWorld:
    return SampleWorld(world)


def failing(result: Any) -> list[tuple[str, str]]:
    """The checks that decide against a presentation."""
    return [(each["check"], each["code"]) for each in result["checks"] if each["state"] in ("failed", "unknown")]


def test_every_magic_certificate_ends_as_the_table_says(sample: SampleWorld) -> None:
    for magic, said in EXPECTED.items():
        begun = sample.begin()
        answer = sample.answer(begun.link, magic.value)
        ended = sample.ended(begun)
        assert ended.state is State.ANSWERED, magic
        assert ended.result is not None
        expected = [] if said.check is None else [(said.check, said.code)]
        assert (ended.result["verdict"], failing(ended.result)) == (said.verdict.value, expected), magic
        assert answer.shown == ("business_licence",)
        assert answer.taken is (said.verdict.value != "invalid")
        assert (answer.redirect_uri is not None) is answer.taken
        told = sample.heard.ends[-1].result
        assert told is not None
        assert bool(told["credentials"]) is (magic is Magic.VALID)


def test_the_holder_can_decline(sample: SampleWorld) -> None:
    begun = sample.begin()
    assert sample.answer(begun.link, DECLINE).taken
    assert sample.ended(begun).state is State.DECLINED


def test_every_format_and_an_unsigned_request_are_answered(sample: SampleWorld) -> None:
    w3c = {"meta": {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]}}
    queries = (
        asked("legal_representative"),
        asked(form="jwt_vc_json", **w3c),
        asked(form="ldp_vc", **w3c),
        asked("name", vct="urn:ecert:resident_id_card:1", require_cryptographic_holder_binding=False),
    )
    for query in queries:
        begun = sample.begin(query)
        assert sample.answer(begun.link, "valid").taken, query
    begun = sample.begin(prefix=Prefix.REDIRECT_URI)
    assert sample.answer(begun.link, "valid").taken


def test_a_type_that_can_turn_back_is_answered_with_a_short_lived_credential(sample: SampleWorld) -> None:
    begun = sample.begin(asked("in_receipt", vct="urn:ecert:minimum_living_certificate:1"))
    assert sample.answer(begun.link, "valid").taken


def test_a_query_that_no_example_answers_is_refused_and_still_waits(sample: SampleWorld) -> None:
    begun = sample.begin(asked("no_such_field"))
    with pytest.raises(SampleRefused, match="no example certificate"):
        sample.answer(begun.link, "valid")
    assert sample.ended(begun).state is State.WAITING


def test_a_link_of_another_verifier_is_never_followed(sample: SampleWorld) -> None:
    theirs = "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fother.example%2Fopenid4vp%2F1%2Frequest"
    for link in (theirs, "openid4vp://?client_id=x509_hash%3Aabc&request=eyJ"):
        with pytest.raises(SampleRefused, match="another installation"):
            sample.answer(link, "valid")


def test_outside_the_test_environment_nobody_knows_the_test_issuer(sample: SampleWorld) -> None:
    begun = sample.begin(environment="live")
    sample.answer(begun.link, "valid")
    result = sample.ended(begun).result
    assert result is not None
    assert failing(result) == [("trust", "unknown_issuer")]
    assert not any("/test/" in issuer for issuer in sample.world.container.trust.current().entries)


def test_an_installation_without_a_test_environment_knows_no_test_issuer_at_all(world: World) -> None:
    sample = SampleWorld(world, testing=False)
    begun = sample.begin()
    sample.answer(begun.link, "valid")
    result = sample.ended(begun).result
    assert result is not None
    assert failing(result) == [("trust", "unknown_issuer")]


def test_the_evidence_of_the_test_environment_is_kept_for_the_hour(sample: SampleWorld) -> None:
    first = sample.town.evidence.evidence()
    assert sample.town.evidence.evidence() is first
    sample.world.clock.forward(hours=1)
    assert sample.town.evidence.evidence() is not first


def test_the_documentation_has_the_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "test-mode.md").read_text(encoding="utf-8")
    assert text[text.index(BEGIN) : text.index(END) + len(END)] == table()
