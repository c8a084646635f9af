"""The whole API keeps its OpenAPI document: schemathesis asks every operation, as nobody and in three roles.

Bounded: a fixed seed, and few enough examples for a few seconds.
"""

from datetime import timedelta

import pytest

from tests.support.contract import keep_contract, operations
from tests.support.ecert_world import World
from tests.support.parties import OPERATOR, water
from verifier.parties.model import Access, Environment


def relying_party(world: World) -> dict[str, str]:
    """Return the headers of a relying party's key of the test environment."""
    now, storage = world.clock(), world.container.storage
    if storage.parties.find("water") is None:
        storage.parties.add(water(), by=OPERATOR, now=now)
    access = Access("water", Environment.TEST, None)
    key, _ = storage.party_keys.issue(access, now=now, expires_at=now + timedelta(days=90))
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("role", ["nobody", "operator", "holder", "party"])
def test_every_operation_answers_as_documented(still_world: World, role: str) -> None:
    headers = {
        "nobody": lambda: {},
        "operator": lambda: still_world.token("operator"),
        "holder": lambda: still_world.token("holder", holder_id=still_world.enterprise()),
        "party": lambda: relying_party(still_world),
    }[role]()
    for operation in operations(still_world.client.get("/openapi.json").json()):
        keep_contract(still_world.client, operation, examples=5, headers=headers)


def test_every_problem_is_documented_as_one(still_world: World) -> None:
    document = still_world.client.get("/openapi.json").json()
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])
