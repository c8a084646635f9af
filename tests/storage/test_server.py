"""Without PostgreSQL's binaries the tests say so: a skip at home, a failure in CI."""

import pytest

from tests.support import postgres


@pytest.fixture(autouse=True)
def _no_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    for name in ("CI", "ECERT_REQUIRE_POSTGRES"):
        monkeypatch.delenv(name, raising=False)


def test_a_missing_server_is_a_loud_skip_at_home() -> None:
    with pytest.raises(pytest.skip.Exception, match="server binaries are not here"):
        postgres.PostgresServer.start()


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("ECERT_REQUIRE_POSTGRES", "1")])
def test_a_missing_server_is_a_failure_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="server binaries are not here"):
        postgres.PostgresServer.start()
