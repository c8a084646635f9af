"""The package of service items stands, and promises nothing yet."""

import services


def test_it_says_what_it_is_for() -> None:
    assert "事项" in (services.__doc__ or "")
