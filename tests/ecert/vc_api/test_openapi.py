"""The OpenAPI document is kept: whatever is asked, the answer is one that it names, and none is the server's fault."""

from typing import Any

import httpx
import pytest

from tests.support.contract import keep_contract, operations
from tests.support.vc_api import VcApi

POSTS = (
    "/issuers/{name}/credentials/issue",
    "/credentials/derive",
    "/credentials/verify",
    "/presentations/verify",
)
GETS = ("/issuers", "/credentials/status/{list_id}")


def operation_of(vc_api: VcApi, path: str) -> Any:
    return next(one for one in operations(vc_api.client.get("/openapi.json").json()) if one.path == path)


def no_wrong_verdict(case: Any, answer: httpx.Response) -> None:
    """A generated document carries no good proof: it never verifies."""
    del case
    assert answer.status_code != 200


@pytest.mark.parametrize("path", POSTS)
def test_a_route_answers_as_documented_whatever_it_is_asked(vc_api: VcApi, path: str) -> None:
    keep_contract(vc_api.client, operation_of(vc_api, path), examples=60, also=[no_wrong_verdict])


@pytest.mark.parametrize("path", GETS)
def test_a_reading_route_answers_as_documented(vc_api: VcApi, path: str) -> None:
    keep_contract(vc_api.client, operation_of(vc_api, path), examples=10)


@pytest.mark.parametrize("path", POSTS)
def test_every_body_has_a_schema_and_an_example_that_fits_it(vc_api: VcApi, path: str) -> None:
    document = vc_api.client.get("/openapi.json").json()
    content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    (example,) = content["examples"].values()
    assert set(document["components"]["schemas"][name]["required"]) <= set(example["value"])


@pytest.mark.parametrize("path", [*POSTS, *GETS])
def test_nobody_is_asked_for_a_token(vc_api: VcApi, path: str) -> None:
    (operation,) = vc_api.client.get("/openapi.json").json()["paths"][path].values()
    assert "security" not in operation
    assert "401" not in operation["responses"]


def test_the_documentation_shows_the_routes(vc_api: VcApi) -> None:
    assert "/issuers/{name}/credentials/issue" in vc_api.client.get("/docs").text
