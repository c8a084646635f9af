"""The whole API keeps its OpenAPI document: schemathesis asks every operation, as nobody and in two roles.

Bounded: a fixed seed, and few enough examples for a few seconds.
"""

import pytest

from tests.support.contract import keep_contract, operations
from tests.support.ecert_world import World


@pytest.mark.parametrize("role", ["nobody", "operator", "holder"])
def test_every_operation_answers_as_documented(still_world: World, role: str) -> None:
    headers = {
        "nobody": {},
        "operator": still_world.token("operator"),
        "holder": still_world.token("holder", holder_id=still_world.enterprise()),
    }[role]
    for operation in operations(still_world.client.get("/openapi.json").json()):
        keep_contract(still_world.client, operation, examples=5, headers=headers)


def test_every_problem_is_documented_as_one(still_world: World) -> None:
    document = still_world.client.get("/openapi.json").json()
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
