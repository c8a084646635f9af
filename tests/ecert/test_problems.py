"""The table of problems is complete, and nothing leaks through it."""

import importlib
import logging
import pkgutil
from collections.abc import Iterator

import orjson
import pytest

from ecert.errors import FieldFault, InvalidSettings, MalformedRequest, NotPermitted
from ecert.problems import PROBLEMS, attempt, document, status_of
from issuer.errors import OrderRefused, Problem, RoundIncomplete
from keys.errors import EcertError

PACKAGES = ("keys", "schemas", "issuer", "verifier", "wallet_api", "services", "ecert")
SKIPPED = ("migrations.env", "__main__")


def every_error() -> set[type[EcertError]]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not module.name.endswith(SKIPPED) and ".versions." not in module.name:
                importlib.import_module(module.name)
    return set(_below(EcertError))


def _below(error: type[EcertError]) -> Iterator[type[EcertError]]:
    for child in error.__subclasses__():
        yield child
        yield from _below(child)


def test_every_error_code_of_every_package_stands_in_the_table() -> None:
    codes = {error.code for error in every_error() if error.__module__.split(".")[0] in PACKAGES}
    assert codes - set(PROBLEMS) == set()


def test_every_title_has_two_languages() -> None:
    assert all(problem.title_zh and problem.title_en for problem in PROBLEMS.values())


def test_a_document_says_type_title_status_code_and_the_errors_own_sentence() -> None:
    assert document(NotPermitted("role counter does not reach this")) == {
        "type": "urn:ecert:problem:not_permitted",
        "title": "没有权限 / Not permitted",
        "status": 403,
        "code": "not_permitted",
        "detail": "role counter does not reach this",
    }


def test_faults_in_fields_stand_in_errors() -> None:
    made = document(MalformedRequest([FieldFault("purpose", "missing", "missing")]))
    assert made["errors"] == [{"field": "purpose", "rule": "missing", "message": "missing"}]


def test_an_orders_problems_stand_in_errors_in_both_languages() -> None:
    made = document(OrderRefused([Problem("id_number", "number", "号码有误", "breaks its rule")]))
    assert made["errors"] == [
        {"field": "id_number", "rule": "number", "message_zh": "号码有误", "message_en": "breaks its rule"}
    ]


def test_plain_faults_stand_in_errors_as_sentences() -> None:
    assert document(InvalidSettings(["ECERT_PORT: wrong"]))["errors"] == [{"detail": "ECERT_PORT: wrong"}]


class _Stray(EcertError):
    code = "nobody_listed_this"


def test_an_error_outside_the_table_is_an_internal_one() -> None:
    assert status_of(_Stray("secret")) == 500
    assert "secret" not in orjson.dumps(document(_Stray("secret"))).decode()


def test_background_work_that_fails_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("陈大文 440799199003070112")

    with caplog.at_level(logging.WARNING):
        assert not attempt(broken, what="publish")
    assert "陈大文" not in caplog.text + repr([vars(record) for record in caplog.records])


def test_background_work_that_is_refused_is_logged_by_its_code(caplog: pytest.LogCaptureFixture) -> None:
    def refused() -> None:
        raise NotPermitted("no")

    with caplog.at_level(logging.WARNING):
        assert not attempt(refused, what="publish")
    assert vars(caplog.records[0])["facts"] == {"what": "publish", "code": "not_permitted"}


def test_a_round_that_failed_in_part_is_logged_with_the_code_of_its_cause(caplog: pytest.LogCaptureFixture) -> None:
    def partly() -> None:
        failure = NotPermitted("no")
        raise RoundIncomplete([failure]) from failure

    with caplog.at_level(logging.WARNING):
        assert not attempt(partly, what="publish")
    facts = {"what": "publish", "code": "round_incomplete", "cause": "not_permitted"}
    assert vars(caplog.records[0])["facts"] == facts


def test_background_work_that_goes_well_says_so() -> None:
    assert attempt(lambda: None, what="publish")
