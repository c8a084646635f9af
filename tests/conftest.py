"""What every test may rely on: hypothesis profiles and the published vectors' folder."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.vectors import FOLDER, MISSING, check_setting

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_configure() -> None:
    """Stop before the first test when the vectors' folder was named, and is not there."""
    check_setting()


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of published vectors (``ECERT_VECTORS``); a test that needs it is skipped, by name, without it."""
    if not FOLDER.is_dir():
        pytest.skip(MISSING)
    return FOLDER


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long texts by their length: a token in a test's name helps nobody and differs between processes."""
    if isinstance(val, str | bytes) and len(val) > 40:
        return f"{argname}-{len(val)}"
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Keep the collector of garbage off what is collected once and stays to the end.

    It would walk all of it at every full pass, in collecting and in every test after it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
