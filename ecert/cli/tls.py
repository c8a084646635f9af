"""``ecert tls --host NAME --out FOLDER``: a local CA and a server certificate, where no proxy ends TLS."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from ecert.cli.common import write_file
from ecert.errors import CommandFailed
from ecert.tls import make_local_tls


def arguments(parser: argparse.ArgumentParser) -> None:
    """The hosts of the certificate, and where the files go."""
    parser.add_argument(
        "--host",
        action="append",
        required=True,
        metavar="NAME",
        help="主机名或地址，可多次 / name or address, repeatable",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="输出目录 / folder for the files")


def run(args: argparse.Namespace) -> int:
    """Make the files, the key readable by its owner alone, and say what to do with them."""
    try:
        made = make_local_tls(args.host, now=datetime.now(UTC))
    except ValueError as exc:
        raise CommandFailed("a host is no name and no address") from exc
    folder: Path = args.out
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "server.key"
    key.touch(mode=0o600)
    os.chmod(key, 0o600)
    key.write_bytes(made.key)
    ca = write_file(folder / "ca.pem", made.ca)
    certificate = write_file(folder / "server.pem", made.certificate)
    print(f"本地 CA local CA   {ca}  装入各设备 / install it on every device")
    print(f"服务器证书 server   {certificate}")
    print(f"  ECERT_TLS_CERTIFICATE={certificate} ECERT_TLS_KEY={key}")
    return 0
