"""TLS of the server itself: which versions and suites, whose certificate, and the command that makes it."""

import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from ecert.cli import main
from ecert.errors import InvalidSettings
from ecert.settings import load
from ecert.tls import make_local_tls, server_context

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    assert main(["tls", "--host", "localhost", "--host", "127.0.0.1", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def port(files: Path) -> Iterator[int]:
    """A server that does nothing but shake hands, as often as it is asked."""
    context = server_context(files / "server.pem", files / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            with raw:
                try:
                    context.wrap_socket(raw, server_side=True).close()
                except (ssl.SSLError, OSError):
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def shaken(port: int, context: ssl.SSLContext, name: str = "localhost") -> tuple[str | None, str]:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=name) as secure,
    ):
        cipher = secure.cipher()
        assert cipher is not None
        return secure.version(), cipher[0]


def client(files: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(files / "ca.pem"))


def test_the_newest_version_is_spoken(files: Path, port: int) -> None:
    assert shaken(port, client(files))[0] == "TLSv1.3"


def test_tls_1_2_has_aead_suites_alone(files: Path, port: int) -> None:
    """4.11.1: under TLS 1.2 only ECDHE with AES-GCM."""
    context = client(files)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    version, cipher = shaken(port, context)
    assert version == "TLSv1.2"
    assert cipher.startswith("ECDHE-ECDSA-AES")
    assert "GCM" in cipher
    context.set_ciphers("ECDHE+AES:!AESGCM:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, OSError)):
        shaken(port, context)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_versions_are_refused(files: Path, port: int, version: ssl.TLSVersion) -> None:
    """4.11.1: TLS 1.0 and 1.1 refused."""
    context = client(files)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = version, version
    with pytest.raises((ssl.SSLError, OSError)):
        shaken(port, context)


def test_another_host_or_another_ca_is_not_believed(files: Path, port: int) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(port, client(files), name="other.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(port, ssl.create_default_context())


def test_the_certificate_names_hosts_and_addresses_and_is_no_ca() -> None:
    made = make_local_tls(["counter.example", "10.0.0.7"], now=NOW)
    leaf, ca = x509.load_pem_x509_certificate(made.certificate), x509.load_pem_x509_certificate(made.ca)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["counter.example"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    leaf.verify_directly_issued_by(ca)
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 397


def test_the_key_is_readable_by_its_owner_alone(files: Path) -> None:
    assert stat.S_IMODE((files / "server.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("hosts", [[], ["ümlaut.example"]])
def test_what_is_no_host_gets_no_certificate(hosts: list[str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make_local_tls(hosts, now=NOW)


def test_the_command_refuses_what_is_no_host(tmp_path: Path) -> None:
    assert main(["tls", "--host", "ümlaut.example", "--out", str(tmp_path)]) == 3


def test_certificate_and_key_come_together(files: Path) -> None:
    certificate = str(files / "server.pem")
    both = {"ECERT_TLS_CERTIFICATE": certificate, "ECERT_TLS_KEY": str(files / "server.key")}
    assert load(both).own_url.startswith("https://")
    assert load({}).own_url.startswith("http://")
    with pytest.raises(InvalidSettings, match="both or neither"):
        load({"ECERT_TLS_CERTIFICATE": certificate})
