"""Presentations that the test wallet makes for verifying in hand."""

import pytest

from ecert.testmode.outcomes import EXPECTED, Magic
from schemas.errors import UnknownType
from tests.support.ecert_world import World
from tests.support.sample_town import SampleWorld
from verifier.pipeline import verify
from verifier.policy import COUNTER_AUDIENCE, Policy


@pytest.fixture
def sample(world: World) -> SampleWorld:
    return SampleWorld(world)


def test_each_is_judged_as_over_openid4vp(sample: SampleWorld) -> None:
    for magic, said in EXPECTED.items():
        shown = sample.town.wallet.present("business_licence", magic, audience=COUNTER_AUDIENCE, nonce="n")  # type: ignore[arg-type]
        policy = Policy(accepted_types=None, nonce="n")
        report = verify(shown, policy=policy, evidence=sample.town.evidence.evidence(), now=sample.world.clock())
        assert report.verdict is said.verdict, magic


def test_every_type_has_a_certificate(sample: SampleWorld) -> None:
    from schemas.types import all_types

    evidence = sample.town.evidence.evidence()
    for ctype in all_types():
        for magic in (Magic.VALID, Magic.EXPIRED):
            shown = sample.town.wallet.present(ctype.id, magic, audience="a", nonce="n")
            policy = Policy(accepted_types=None, audience="a", nonce="n")
            report = verify(shown, policy=policy, evidence=evidence, now=sample.world.clock())
            assert report.verdict is EXPECTED[magic].verdict, (ctype.id, report)


def test_there_is_none_of_a_type_that_is_none(sample: SampleWorld) -> None:
    with pytest.raises(UnknownType):
        sample.town.wallet.present("no_such_type", "valid", audience="a", nonce="n")  # type: ignore[arg-type]
