"""Credential endpoints in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.credential_world import CredentialWorld, certified_world


@pytest.fixture
def make_world(make_desk: Callable[..., Any]) -> Callable[..., CredentialWorld]:
    """Return a maker of worlds; its arguments are options of the endpoints."""
    return lambda **options: certified_world(make_desk, **options)


@pytest.fixture
def world(make_world: Callable[..., CredentialWorld]) -> CredentialWorld:
    """Return credential endpoints where everything is right."""
    return make_world()
