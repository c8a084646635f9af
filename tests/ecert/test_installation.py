"""The first start makes what every later one finds."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecert.errors import PublicUrlChanged, StartInterrupted
from ecert.installation import Installation, issuing_departments, signing_name
from keys.chain import load_certificate
from keys.pki import describe
from keys.public import PublicKey

Install = Callable[..., Installation]


def test_a_second_start_finds_the_keys_of_the_first(install: Install) -> None:
    assert install().anchor == install().anchor


def test_every_issuing_department_has_a_certificate_that_names_its_issuer_uri(installation: Installation) -> None:
    for office in issuing_departments():
        signer = installation.keys.open(signing_name(office.id, 1))
        assert describe(signer.chain[0]).uris == (f"http://127.0.0.1:8440/issuers/{office.id}",)


def test_a_signing_certificate_is_under_the_root_and_not_under_itself(installation: Installation) -> None:
    leaf = installation.keys.open(signing_name("amr", 1)).chain[0]
    root = installation.blobs.read(".state/root.der")
    assert root is not None
    load_certificate(leaf).verify_directly_issued_by(load_certificate(root))
    assert PublicKey.from_certificate(load_certificate(root)) != installation.keys.open("issuing/amr/1").public_key


def test_the_root_key_stands_apart_from_the_signing_keys(installation: Installation, tmp_path: Path) -> None:
    assert "root" not in installation.keys.names()
    assert (tmp_path / "root" / "root.blob").exists()


def test_keys_begin_with_the_hour_because_credentials_times_are_rounded_down(installation: Installation) -> None:
    begins = describe(installation.keys.open("issuing/amr/1").chain[0]).not_before
    assert (begins.minute, begins.second) == (0, 0)


def test_the_public_url_of_the_first_start_stays(install: Install) -> None:
    install(public_url="https://cert.example.org")
    assert install().public_url == "https://cert.example.org"


def test_another_public_url_later_is_refused(install: Install) -> None:
    install(public_url="https://cert.example.org")
    with pytest.raises(PublicUrlChanged, match="signed documents name"):
        install(public_url="https://other.example.org")


def test_another_port_later_changes_nothing(install: Install) -> None:
    install()
    assert install(own_url="http://127.0.0.1:9999").public_url == "http://127.0.0.1:8440"


def test_a_start_that_was_interrupted_before_a_certificate_is_completed(install: Install) -> None:
    first = install()
    first.keys.remove("issuing/amr/1")
    first.keys.create("issuing/amr/1")
    assert install().keys.open("issuing/amr/1").chain


def test_a_lost_root_is_not_replaced_while_a_department_needs_it(install: Install, tmp_path: Path) -> None:
    first = install()
    first.keys.remove("issuing/amr/1")
    shutil.rmtree(tmp_path / "root")
    with pytest.raises(StartInterrupted, match="amr"):
        install()


def test_a_root_that_was_carried_away_is_not_missed(install: Install, tmp_path: Path) -> None:
    install()
    shutil.rmtree(tmp_path / "root")
    install()
    assert not (tmp_path / "root").exists()


def test_processes_that_start_at_once_agree(install: Install) -> None:
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda _: install(), range(4)))
    assert len({one.anchor.to_json() for one in started}) == 1
    assert len({one.keys.open("issuing/psb/1").public_key.kid for one in started}) == 1
