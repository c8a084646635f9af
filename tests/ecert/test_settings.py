"""The settings are checked at the door."""

from pathlib import Path

import pytest

from ecert.errors import InvalidSettings
from ecert.settings import VARIABLES, load


def faults_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        load(environ)
    return caught.value.faults


def test_an_empty_environment_gives_a_working_loopback_installation() -> None:
    settings = load({})
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8440, None)
    assert settings.own_url == "http://127.0.0.1:8440"


def test_the_database_stands_in_the_home_unless_a_url_is_given(tmp_path: Path) -> None:
    assert load({"ECERT_HOME": str(tmp_path)}).database_url == f"sqlite:///{tmp_path}/ecert.db"


def test_keys_go_into_the_database_with_postgresql() -> None:
    assert load({"ECERT_DATABASE_URL": "postgresql://db/ecert"}).keys_in_database


def test_keys_stay_in_the_home_with_sqlite() -> None:
    assert not load({}).keys_in_database


def test_a_server_on_every_address_names_itself_by_the_loopback_one() -> None:
    assert load({"ECERT_HOST": "::", "ECERT_PORT": "9000"}).own_url == "http://127.0.0.1:9000"


def test_a_misspelt_variable_is_reported_with_the_one_that_was_meant() -> None:
    assert faults_of({"ECERT_PASPHRASE": "x"}) == ("ECERT_PASPHRASE: no such setting, did you mean ECERT_PASSPHRASE",)


def test_a_variable_like_no_other_is_reported_without_a_guess() -> None:
    assert faults_of({"ECERT_QQQQQQQQQQQ": "x"}) == ("ECERT_QQQQQQQQQQQ: no such setting",)


def test_variables_of_other_programs_are_passed_over() -> None:
    load({"PATH": "/bin", "ECERT_VECTORS": "/somewhere"})


def test_every_fault_is_reported_at_once() -> None:
    assert len(faults_of({"ECERT_PORT": "0", "ECERT_HOST": "a b", "ECERT_WRONG": ""})) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECERT_PORT", "65536"),
        ("ECERT_PORT", "1e3"),
        ("ECERT_PUBLIC_URL", "ftp://example.org"),
        ("ECERT_PUBLIC_URL", "https://user@example.org"),
        ("ECERT_PUBLIC_URL", "https://example.org/?q"),
        ("ECERT_PUBLIC_URL", "http://example.org"),
        ("ECERT_DATABASE_URL", "mysql://db"),
        ("ECERT_ANCHOR", "/does/not/exist"),
        ("ECERT_DIVISIONS", "/does/not/exist"),
        ("ECERT_MAX_BODY", "12"),
        ("ECERT_REQUEST_SECONDS", "0"),
        ("ECERT_REQUEST_SECONDS", "soon"),
        ("ECERT_FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("ECERT_HOST", "bad host"),
    ],
)
def test_a_value_that_breaks_its_rule_names_the_variable(name: str, value: str) -> None:
    (fault,) = faults_of({name: value})
    assert fault.startswith(f"{name}: expected ")


def test_a_fault_does_not_repeat_a_secret() -> None:
    assert "hunter2" not in str(faults_of({"ECERT_DATABASE_URL": "hunter2"}))


def test_the_settings_do_not_print_the_database_url() -> None:
    assert "hunter2" not in repr(load({"ECERT_DATABASE_URL": "postgresql://u:hunter2@db/ecert"}))


def test_a_public_url_loses_its_last_slash() -> None:
    assert load({"ECERT_PUBLIC_URL": "https://cert.example.org/"}).public_url == "https://cert.example.org"


def test_files_that_are_there_are_taken(tmp_path: Path) -> None:
    table = tmp_path / "divisions.csv"
    table.write_text("code,name\n")
    assert load({"ECERT_DIVISIONS": str(table)}).divisions == table


def test_origins_that_may_embed_the_pages_are_taken() -> None:
    assert load({"ECERT_FRAME_ANCESTORS": "https://city.example.org"}).frame_ancestors == "https://city.example.org"


def test_every_variable_explains_itself_in_two_languages() -> None:
    assert all(variable.about_zh and variable.about_en for variable in VARIABLES)
