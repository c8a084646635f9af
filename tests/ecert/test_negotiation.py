"""Content negotiation: which form a client gets, when it has it already, and what headers are not worth reading."""

from datetime import UTC, datetime

import pytest

from ecert.http.negotiation import chosen_type, http_date, not_modified, takes_gzip

JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"
MODIFIED = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JWT),
        ("", JWT),
        ("*/*", JWT),
        ("application/*", JWT),
        (CWT, CWT),
        (CWT.upper(), CWT),
        (f"{JWT}, {CWT}", JWT),
        (f"{JWT};q=0.5, {CWT}", CWT),
        (f"{CWT};q=0.1, */*;q=0.5", JWT),
        (f"{JWT};q=0, */*", CWT),
        (f"{CWT}; profile=x; q=0.3", CWT),
        ("text/html, */*;q=0.8", JWT),
        ("text/html", None),
        (f"{CWT};q=0", None),
        (f"{CWT};q=2", None),
        (f"{CWT};q=high", None),
        ("*", None),
        ("x" * 5000, JWT),
    ],
)
def test_the_form_is_the_one_that_the_client_wants_most(accept: str | None, chosen: str | None) -> None:
    assert chosen_type(accept, (JWT, CWT)) == chosen


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        (None, False),
        ("", False),
        ("identity", False),
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip," + "x" * 5000, False),
    ],
)
def test_gzip_is_for_those_who_ask(accept: str | None, takes: bool) -> None:
    assert takes_gzip(accept) is takes


@pytest.mark.parametrize(
    ("headers", "has_it"),
    [
        ({}, False),
        ({"if-none-match": '"tag"'}, True),
        ({"if-none-match": 'W/"tag"'}, True),
        ({"if-none-match": '"other", "tag"'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": '"other"', "if-modified-since": "Mon, 02 Mar 2026 01:23:45 GMT"}, False),
        ({"if-modified-since": "Mon, 02 Mar 2026 01:23:45 GMT"}, True),
        ({"if-modified-since": "Mon, 02 Mar 2026 01:23:44 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Mon, 02 Mar 2026 01:23:45 -0000"}, False),
    ],
)
def test_a_client_that_has_it_is_told_so(headers: dict[str, str], has_it: bool) -> None:
    assert not_modified(headers, etag='"tag"', modified=MODIFIED) is has_it


def test_a_date_is_written_as_http_wants_it() -> None:
    assert http_date(MODIFIED) == "Mon, 02 Mar 2026 01:23:45 GMT"
