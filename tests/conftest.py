"""What every test may rely on: hypothesis profiles and the published vectors' folder."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared" / "vectors"


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of published vectors (``ECERT_VECTORS``); a test that needs it is skipped, by name, without it."""
    folder = Path(os.environ.get("ECERT_VECTORS", _BESIDE))
    if not folder.is_dir():
        pytest.skip(f"published vectors are not here: set ECERT_VECTORS (looked in {folder.name})")
    return folder


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
