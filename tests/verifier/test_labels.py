"""Claims in a clerk's words."""

from typing import Any

import pytest

from schemas.types import all_types, credential_fields
from tests.support.desk import LICENCE
from verifier.labels import labelled


def test_a_claim_has_its_label_in_both_languages() -> None:
    [(label, text)] = labelled(LICENCE, {"area_code": "440799"})
    assert label == "证照所属管辖属地编码 Division code"
    assert text == "440799"


@pytest.mark.parametrize("vct", [None, "urn:ecert:of_tomorrow:1"])
def test_without_its_type_a_claim_keeps_its_name(vct: str | None) -> None:
    assert labelled(vct, {"area_code": "440799"}) == [("area_code", "440799")]


def test_a_claim_of_a_later_revision_keeps_its_name() -> None:
    assert labelled(LICENCE, {"later": "x"}) == [("later", "x")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "是 yes"),
        (False, "否 no"),
        (["a", "b"], "a、b"),
        ({"name": "李小明", "share": 1}, "name 李小明，share 1"),
        ("data:image/jpeg;base64,AAAA", "[图像 image, 27 B]"),
        (7, "7"),
    ],
)
def test_a_value_is_written_for_people(value: Any, text: str) -> None:
    assert labelled(None, {"x": value}) == [("x", text)]


def test_a_code_comes_with_its_word() -> None:
    [(_, text)] = labelled(LICENCE, {"holder_code_type": "001"})
    assert text.startswith("001 ")


def test_every_example_of_every_type_is_written() -> None:
    for kind in all_types():
        fields = credential_fields(kind.id)
        rows = labelled(kind.vct, {field.name: field.example for field in fields})
        assert [label for label, _ in rows] == [f"{field.label_zh} {field.label_en}" for field in fields]
        assert all(text for _, text in rows)
