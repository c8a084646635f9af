"""What every store of protocol state must do (``issuer.openid4vci.ports.ProtocolState``)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from issuer.openid4vci.ports import ProtocolState

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
SOON = NOW + timedelta(seconds=45)
VALUE = {"department": "amr", "ids": ["a", "b"], "open": True, "nothing": None, "count": 3, "name": "示例"}


class Refused(Exception):
    """What a change raises in these tests."""


class ProtocolStateContract:
    """The contract; a subclass gives the fixture ``state``."""

    def test_a_value_comes_back_equal(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        assert state.get("code", "k", now=NOW) == VALUE
        assert state.get("code", "k", now=NOW) == VALUE

    def test_what_was_never_put_is_not_there(self, state: ProtocolState) -> None:
        assert state.get("code", "k", now=NOW) is None
        assert state.take("code", "k", now=NOW) is None
        assert state.change("code", "k", _unexpected, now=NOW) is None

    def test_each_kind_has_keys_of_its_own(self, state: ProtocolState) -> None:
        state.put("code", "k", {"n": 1}, expires_at=SOON)
        state.put("offer", "k", {"n": 2}, expires_at=SOON)
        assert (state.get("code", "k", now=NOW), state.get("offer", "k", now=NOW)) == ({"n": 1}, {"n": 2})

    def test_a_second_put_takes_the_first_ones_place(self, state: ProtocolState) -> None:
        state.put("code", "k", {"n": 1}, expires_at=SOON, group="one")
        state.put("code", "k", {"n": 2}, expires_at=SOON + timedelta(seconds=1), group="two")
        assert state.remove_group("one") == 0
        assert state.get("code", "k", now=SOON) == {"n": 2}

    @pytest.mark.parametrize("passed", [0, 1])
    def test_a_value_is_gone_at_the_moment_when_it_expires(self, state: ProtocolState, passed: int) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        then = SOON + timedelta(seconds=passed)
        assert state.get("code", "k", now=SOON - timedelta(microseconds=1)) == VALUE
        assert state.get("code", "k", now=then) is None
        assert state.change("code", "k", _unexpected, now=then) is None
        assert state.take("code", "k", now=then) is None

    def test_a_value_is_taken_once(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        assert [state.take("code", "k", now=NOW) for _ in range(2)] == [VALUE, None]
        assert state.get("code", "k", now=NOW) is None

    def test_a_change_replaces_the_value_and_returns_the_one_before(self, state: ProtocolState) -> None:
        state.put("code", "k", {"n": 1}, expires_at=SOON, group="family")
        assert state.change("code", "k", lambda value: {"n": value["n"] + 1}, now=NOW) == {"n": 1}
        assert state.get("code", "k", now=NOW) == {"n": 2}

    def test_a_change_keeps_the_time_and_the_group(self, state: ProtocolState) -> None:
        state.put("code", "k", {"n": 1}, expires_at=SOON, group="family")
        state.change("code", "k", lambda _: {"n": 2}, now=NOW)
        assert state.get("code", "k", now=SOON) is None
        assert state.remove_group("family") == 1

    def test_a_change_to_nothing_removes_the_value(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        assert state.change("code", "k", lambda _: None, now=NOW) == VALUE
        assert state.get("code", "k", now=NOW) is None

    def test_a_change_that_raises_leaves_the_value(self, state: ProtocolState) -> None:
        def refuse(value: Mapping[str, Any]) -> Mapping[str, Any]:
            raise Refused

        state.put("code", "k", VALUE, expires_at=SOON)
        with pytest.raises(Refused):
            state.change("code", "k", refuse, now=NOW)
        assert state.get("code", "k", now=NOW) == VALUE

    def test_a_value_that_is_prolonged_keeps_value_and_group(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON, group="g")
        later = SOON + timedelta(days=1)
        assert state.prolong("code", "k", expires_at=later, now=NOW)
        assert state.get("code", "k", now=later - timedelta(microseconds=1)) == VALUE
        assert state.get("code", "k", now=later) is None
        assert state.remove_group("g") == 1

    def test_what_is_not_there_is_not_prolonged(self, state: ProtocolState) -> None:
        """What was ended stays ended, and what has expired stays so."""
        state.put("code", "k", VALUE, expires_at=SOON, group="g")
        assert not state.prolong("code", "k", expires_at=SOON + timedelta(days=1), now=SOON)
        state.remove_group("g")
        assert not state.prolong("code", "k", expires_at=SOON + timedelta(days=1), now=NOW)
        assert state.get("code", "k", now=NOW) is None

    def test_a_key_is_added_once(self, state: ProtocolState) -> None:
        assert [state.add_once("jti", "k", expires_at=SOON, now=NOW) for _ in range(2)] == [True, False]
        assert state.get("jti", "k", now=NOW) == {}

    def test_another_key_or_kind_is_added_beside_it(self, state: ProtocolState) -> None:
        places = [("jti", "k"), ("jti", "l"), ("nonce_spent", "k")]
        assert [state.add_once(kind, key, expires_at=SOON, now=NOW) for kind, key in places] == [True] * 3

    def test_a_key_that_expired_is_added_again(self, state: ProtocolState) -> None:
        """A row that was not swept yet is not there."""
        state.add_once("jti", "k", expires_at=SOON, now=NOW)
        later = SOON + timedelta(seconds=45)
        assert state.add_once("jti", "k", expires_at=later, now=SOON)
        assert not state.add_once("jti", "k", expires_at=later, now=SOON)

    def test_a_key_cannot_be_added_where_a_value_stands(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        assert not state.add_once("code", "k", expires_at=SOON, now=NOW)
        assert state.get("code", "k", now=NOW) == VALUE

    def test_a_key_that_is_added_in_an_expired_values_place_leaves_its_group(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON, group="family")
        assert state.add_once("code", "k", expires_at=SOON + timedelta(seconds=45), now=SOON)
        assert state.get("code", "k", now=SOON) == {}
        assert state.remove_group("family") == 0

    def test_a_group_is_removed_whole_over_all_kinds(self, state: ProtocolState) -> None:
        for kind, group in (("code", "one"), ("access_token", "one"), ("refresh_token", "two"), ("offer", "")):
            state.put(kind, "k", VALUE, expires_at=SOON, group=group)
        assert [state.remove_group("one") for _ in range(2)] == [2, 0]
        found = [state.get(kind, "k", now=NOW) for kind in ("code", "access_token", "refresh_token", "offer")]
        assert found == [None, None, VALUE, VALUE]

    def test_no_name_is_no_group(self, state: ProtocolState) -> None:
        state.put("offer", "k", VALUE, expires_at=SOON)
        assert state.remove_group("") == 0
        assert state.get("offer", "k", now=NOW) == VALUE

    def test_what_has_expired_is_swept_and_nothing_else(self, state: ProtocolState) -> None:
        state.put("code", "k", VALUE, expires_at=SOON)
        state.add_once("jti", "k", expires_at=SOON, now=NOW)
        state.put("code", "later", VALUE, expires_at=SOON + timedelta(seconds=1))
        assert [state.sweep(now=moment) for moment in (NOW, SOON, SOON)] == [0, 2, 0]
        assert state.get("code", "later", now=SOON) == VALUE


def _unexpected(value: Mapping[str, Any]) -> Mapping[str, Any]:
    raise AssertionError("there is nothing to change")
