"""An application with the VC-API, made once: its routes keep nothing but status lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecert.http.app import create_app
from ecert.vc_api.service import UnsafeVcApi
from ecert.wiring import open_container
from tests.support.ecert_world import ENVIRON, Client, StillClock, cheap_scrypt, settings_of
from tests.support.vc_api import VcApi

PUBLIC_URL = "https://vc.example"


@contextmanager
def _opened(home: Path, *, own_key: bool) -> Iterator[VcApi]:
    clock = StillClock()
    with cheap_scrypt(), open_container(settings_of(home), clock=clock, environ=ENVIRON) as container:
        service = UnsafeVcApi(PUBLIC_URL, clock, own_key=own_key)
        yield VcApi(Client(create_app(container, watch=False, vc_api=service)), service, clock)


@pytest.fixture(scope="session")
def vc_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VcApi]:
    """The VC-API with its strict policy."""
    with _opened(tmp_path_factory.mktemp("vc-api"), own_key=True) as made:
        yield made


@pytest.fixture(scope="session")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VcApi]:
    """The VC-API that does not ask whether the issuer controls the key."""
    with _opened(tmp_path_factory.mktemp("vc-api-lenient"), own_key=False) as made:
        yield made
