"""docs/limits.md is what the program does: values, codes, tests, and what the worst inputs cost."""

import gc
import re
import time
from pathlib import Path

import pytest

from ecert.problems import PROBLEMS
from keys.errors import EcertError
from tests.fuzz.registry import TARGETS
from tests.limits.case import value_of
from tests.limits.test_limits import CASES
from tests.limits.worst import WORST

ROOT = Path(__file__).parents[2]
_ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "limits.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]


def _code(cell: str) -> str:
    return cell.strip("`")


LIMITS = [[_code(cell) for cell in row] for row in _ROWS if len(row) == 4 and "`" in row[2]]
OTHERS = [[_code(cell) for cell in row] for row in _ROWS if len(row) == 5 and "::" in row[4]]
COSTS = [row for row in _ROWS if len(row) == 5 and row[4].replace(",", "").isdigit()]


@pytest.mark.parametrize("row", LIMITS + OTHERS, ids=lambda row: str(row[2]))
def test_the_page_says_the_value_that_the_constant_has(row: list[str]) -> None:
    assert value_of(row[2]) == float(row[1].replace(",", ""))


def test_the_page_lists_every_case_with_its_code_and_no_limit_twice() -> None:
    assert {(row[2], row[3]) for row in LIMITS} == {(case.constant, case.code) for case in CASES}
    assert len({row[2] for row in LIMITS + OTHERS}) == len(LIMITS) + len(OTHERS)
    assert {row[3] for row in LIMITS} <= set(PROBLEMS) | {"items", "image"}, "the last two are rules of claims"


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: str(row[2]))
def test_the_tests_that_the_page_names_are_there(row: list[str]) -> None:
    path, _, name = row[4].partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_worst_input_stands_on_the_page() -> None:
    assert [row[0] for row in COSTS] == [row[0] for row in COSTS if row[0] in WORST]
    assert {row[0] for row in COSTS} == set(WORST)


@pytest.mark.parametrize("row", COSTS, ids=lambda row: str(row[0]))
def test_the_worst_input_costs_no_more_than_the_page_says(row: list[str]) -> None:
    worst = WORST[row[0]]
    target, data = TARGETS[worst.target], worst.make()
    size, measured, bound = (int(cell.replace(",", "")) for cell in row[2:])
    assert target.seeds, "made outside the time that is measured"
    refused = ""
    # What other tests left is not the input's cost: neither their threads, nor a walk over all they made.
    gc.disable()
    started = time.thread_time()
    try:
        target.decode(data)
    except EcertError as exc:
        refused = exc.code
    finally:
        spent = time.thread_time() - started
        gc.enable()
    assert refused == worst.error
    assert spent * 1000 < bound
    assert 10 * measured <= bound
    assert abs(len(data) - size) <= size // 50, "signatures and deflated bytes differ a little"


NO_INPUT = {
    "keys.blobs._MAX_NAME": "our own names",
    "keys.pki._MAX_NAME": "our own certificates",
    "keys.rotation.LONGEST_CREDENTIAL": "a time",
    "keys.store._MAX_WORK": "our own key store",
    "schemas.audit.MAX_DETAILS": "our own events",
    "schemas.audit.MAX_TEXT": "our own events",
    "schemas.formats.cose.sign1.MAX_BYTES": "the limit of CBOR",
    "schemas.formats.data_integrity.ecdsa_sd_2023.selection._MAX_KEPT": "what is remembered of pointers",
    "schemas.formats.jsonld.compiled._MAX_SAFE": "a number of ECMAScript",
    "schemas.formats.jsonld.contexts._MAX_ISSUERS": "more name no context",
    "schemas.formats.jsonld.shapes.MAX_ITEMS": "what is larger is read as a whole",
    "schemas.formats.jsonld.shapes._MAX_CONTEXTS": "what is larger is read as a whole",
    "schemas.formats.jsonld.shapes._MAX_MEMBERS": "what is larger is read as a whole",
    "schemas.generate.json_schema._MAX_INTEGER": "a rule of a type",
    "schemas.generate.svg_card._MAX_FIELDS": "our own cards",
    "schemas.qr.animation.MAX_PART": "our own codes",
    "schemas.qr.compact.MAX_SINGLE": "our own codes",
    "schemas.qr.dictionary.MAX_BYTES": "our own dictionaries",
    "schemas.qr.paper.MAX_VERSION": "our own codes",
    "schemas.qr.text.MAX_BYTES": "our own codes",
    "schemas.values._MAX_INTEGER": "a rule of a type",
    "verifier.client.calls.LONGEST_PAUSE": "our own client's patience",
    "verifier.client.calls.MAX_TRIES": "our own client's patience",
    "verifier.openid4vp.judging.MAX_AGE": "a time",
}
"""Constants named like limits that bound no input, or whose excess only takes another way."""
_CONSTANT = re.compile(r"^(_?(?:MAX|LONGEST)[A-Z_]*|_[A-Z]*MAX)\s*(?::[^=\n]*)?=", flags=re.MULTILINE)


@pytest.mark.parametrize("package", ["keys", "schemas", "verifier"])
def test_every_constant_named_like_a_limit_stands_on_the_page_or_bounds_no_input(package: str) -> None:
    found = {
        ".".join((*path.relative_to(ROOT).with_suffix("").parts, name)).replace(".__init__", "")
        for path in (ROOT / package).rglob("*.py")
        for name in _CONSTANT.findall(path.read_text(encoding="utf-8"))
    }
    listed = {row[2] for row in LIMITS + OTHERS} | NO_INPUT.keys()
    assert found - listed == set()
    assert {name for name in NO_INPUT if name.startswith(f"{package}.")} <= found
