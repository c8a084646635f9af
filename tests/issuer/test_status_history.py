"""What of a list's history is kept: whoever asks what was valid at a moment gets the same answer as before."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from issuer.status_history import EditionFacts, forgettable

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = NOW - timedelta(days=365)


def editions(contents: str, *, every: int = 1, lifetime: int = 24) -> list[EditionFacts]:
    """Return an edition for each letter, one ``every`` so many hours; one in upper case is shown to nobody."""
    made = []
    for place, letter in enumerate(contents):
        since = NOW + place * every * HOUR
        content = letter.lower().strip("-")
        made.append(EditionFacts(place + 1, since, since + lifetime * HOUR, letter.islower() or letter == "-", content))
    return made


def kept(made: list[EditionFacts], before: datetime = ALWAYS) -> list[int]:
    gone = forgettable(made, before=before)
    return [edition.sequence for edition in made if edition.sequence not in gone]


def test_a_list_that_never_changes_keeps_one_edition_a_lifetime_and_the_newest() -> None:
    assert kept(editions("a" * 60)) == [1, 25, 49, 60]


def test_every_change_is_kept() -> None:
    assert kept(editions("aabbaab")) == [1, 3, 5, 7]


def test_unknown_content_is_kept() -> None:
    assert kept(editions("---a")) == [1, 2, 3, 4]


def test_what_is_over_is_not_kept_but_the_newest() -> None:
    assert kept(editions("abc"), NOW + 25 * HOUR) == [3]
    assert kept(editions("abc"), NOW + 365 * 24 * HOUR) == [3]


def test_what_was_never_shown_goes_once_a_later_one_was() -> None:
    assert kept(editions("aAbB")) == [1, 3, 4]


def test_where_nothing_was_shown_nothing_goes() -> None:
    assert kept(editions("AB")) == [1, 2]
    assert forgettable([], before=NOW) == frozenset()


@given(st.text("ab", min_size=1, max_size=40), st.integers(1, 8), st.integers(2, 12), st.integers(0, 60))
def test_every_moment_of_the_history_is_answered_as_before(contents: str, every: int, lifetime: int, past: int) -> None:
    made = editions(contents, every=every, lifetime=lifetime)
    before = NOW + past * HOUR
    gone = forgettable(made, before=before)
    left = [edition for edition in made if edition.sequence not in gone]
    for hour in range(past, len(contents) * every + lifetime):
        assert held(left, NOW + hour * HOUR) == held(made, NOW + hour * HOUR)


def held(made: list[EditionFacts], at: datetime) -> str | None:
    found = [edition.content for edition in made if edition.issued_at <= at < edition.expires_at]
    return found[-1] if found else None
