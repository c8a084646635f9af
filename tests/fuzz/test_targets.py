"""Every decoder under every target, briefly: nothing but our errors comes out, nothing that nobody signed is taken.

``make fuzz`` runs the same targets for longer, guided by coverage where atheris is installed.
"""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.errors import MalformedToken
from tests.fuzz.mutate import LONGEST, mutate
from tests.fuzz.registry import TARGETS
from tests.fuzz.target import Form, Target, Unsound, is_part, only, part_of

SECONDS = 2.0
"""Of CPU for one input, in seconds, generously."""
each_target = pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))


def _run(target: Target, data: bytes) -> None:
    started = time.process_time()
    target.run(data)
    assert time.process_time() - started < SECONDS


@each_target
def test_a_seed_is_taken(target: Target) -> None:
    assert any([target.run(seed) for seed in target.seeds])


@each_target
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(script=st.binary(min_size=4, max_size=24))
def test_a_changed_seed_is_refused_by_our_errors_or_says_nothing_new(target: Target, script: bytes) -> None:
    _run(target, mutate(target.form, target.seeds, script))


@pytest.mark.parametrize(
    "target", [target for target in TARGETS.values() if not target.slow], ids=lambda target: str(target.name)
)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=64))
def test_any_bytes_are_refused_by_our_errors(target: Target, data: bytes) -> None:
    _run(target, data)


def test_a_script_makes_the_same_change_again() -> None:
    seeds = TARGETS["verify_json"].seeds
    assert mutate(Form.JSON, seeds, b"\x00\x01\x02\x03\x04") == mutate(Form.JSON, seeds, b"\x00\x01\x02\x03\x04")


@pytest.mark.parametrize("form", Form)
@given(data=st.binary(max_size=40), script=st.binary(max_size=24))
def test_any_bytes_can_be_changed(form: Form, data: bytes, script: bytes) -> None:
    assert len(mutate(form, [data], script)) <= LONGEST


def test_a_part_has_members_left_out_and_nothing_else() -> None:
    whole = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert all(is_part(part, whole) for part in ({"a": {"c": [1]}}, {}, {"a": {"c": []}}, whole))
    others = ({"a": {"b": True}}, {"e": 1}, {"a": {"c": [1, 1]}}, [], {"d": 2.0})
    assert not any(is_part(other, whole) for other in others)


def _refused(_: bytes) -> None:
    raise MalformedToken("no")


def test_a_target_tells_refused_from_unsound() -> None:
    assert Target("t", "d", _refused, list).run(b"") is False
    assert Target("t", "d", bytes, list, sound=only(lambda: b"x")).run(b"x") is True
    assert Target("t", "d", bytes, list, sound=lambda _, __: True).run(b"y") is True
    with pytest.raises(Unsound):
        Target("t", "d", bytes, list, sound=only(lambda: b"x")).run(b"y")
    with pytest.raises(Unsound):
        Target("t", "d", lambda _: {"a": 1}, list, sound=part_of(dict)).run(b"")
