"""``ecert db upgrade | backup | restore | check``: the database's schema, and copies of it."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from ecert.cli.common import DRY_RUN, add_yes, opened
from ecert.settings import Settings, load
from ecert.storage import backup, migrate
from ecert.storage.engine import connect


def arguments(parser: argparse.ArgumentParser) -> None:
    """Four actions; ``restore`` is a dry run without ``--yes``."""
    actions = parser.add_subparsers(dest="action", metavar="upgrade|backup|restore|check", required=True)
    actions.add_parser("upgrade", help="升级数据库结构 / bring the schema to this program's version")
    copy = actions.add_parser("backup", help="备份 / write a whole copy of a SQLite database in use")
    copy.add_argument("out", type=Path, metavar="FILE", help="备份文件 / where to write it")
    back = actions.add_parser("restore", help="恢复 / put a copy back; stop the server before")
    back.add_argument("source", type=Path, metavar="FILE", help="备份文件 / the backup")
    add_yes(back)
    actions.add_parser("check", help="检查 / compare the schema with this program's")


def run(args: argparse.Namespace) -> int:
    """Do one action; ``check`` ends with 1 when something differs."""
    settings = load(os.environ)
    if args.action == "upgrade":
        return _upgrade(settings.database_url)
    if args.action == "backup":
        return _backup(args, settings)
    if args.action == "restore":
        return _restore(args, settings.database_url)
    return _check()


def _upgrade(url: str) -> int:
    with _connected(url) as engine:
        before = migrate.current(engine)
        migrate.upgrade(engine)
        print(f"数据库结构 schema: {before or '-'} -> {migrate.current(engine)}")
    return 0


def _backup(args: argparse.Namespace, settings: Settings) -> int:
    with _connected(settings.database_url) as engine:
        backup.backup(engine, args.out)
    print(f"已备份 backed up: {args.out}")
    print(f"密钥不在其中，请另存 / the keys are not in it, keep them too: {settings.home}/keys")
    return 0


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _restore(args: argparse.Namespace, url: str) -> int:
    if not args.yes:
        print(f"将恢复 would restore: {args.source}\n{DRY_RUN}")
        return 0
    aside = backup.restore(args.source, url, replace=True)
    print(f"已恢复 restored: {args.source}")
    if aside is not None:
        print(f"原数据库留在 what stood there is kept as: {aside}")
    return 0


def _check() -> int:
    with opened() as container:
        differences = migrate.check(container.storage.database.engine)
    for line in differences:
        print(f"不同 differs: {line}")
    if not differences:
        print("数据库结构一致 the schema agrees；审计记录 the audit trail: ecert audit verify")
    return 1 if differences else 0
