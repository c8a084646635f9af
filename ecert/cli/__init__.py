"""The command line: ``ecert COMMAND ...``. A command parses, calls and prints; its module is imported when it is run.

Exit codes: 0 done (verify: valid) · 1 refused, or not everything was done (verify: invalid) · 2 cannot be confirmed
(verify: indeterminate) · 3 could not run: usage, settings, input.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NoReturn

from keys.errors import EcertError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("演示全过程", "run the whole story with all 40 types"),
    "serve": ("启动服务", "start the server"),
    "types": ("列出证照类型", "list the certificate types, or show one"),
    "issue": ("批量签发", "issue certificates from a CSV or JSON Lines file"),
    "order": ("待领证照与领证邀约", "orders that wait for their holders, and offers"),
    "proposal": ("双人复核", "acts on certificates that need a second officer"),
    "suspend": ("暂扣", "suspend a certificate"),
    "reinstate": ("恢复", "reinstate a suspended certificate"),
    "revoke": ("吊销、撤销", "revoke a certificate"),
    "cancel": ("注销", "cancel a certificate"),
    "replace": ("变更、延续", "replace a certificate with its next version"),
    "present": ("亮证", "show chosen fields of a certificate as a QR picture"),
    "purpose": ("专用凭证、加注件", "purpose certificates, and printed copies"),
    "copy": ("加注件 PDF", "an annotated copy as a signed PDF"),
    "party": ("用证单位", "relying parties, their purposes and API keys"),
    "pack": ("离线核验包", "build the offline verifier's pack"),
    "verify": ("核验", "verify a text or a picture, offline"),
    "receipt": ("核验回执", "verify a receipt of a verification, offline"),
    "webhook": ("回调投递", "list or replay what was not delivered"),
    "jose-cose": ("签验单个文件", "secure or check one W3C document"),
    "status": ("核对状态", "compare ledger and served status lists"),
    "keys": ("密钥", "list, rotate or withdraw signing keys"),
    "tls": ("本地 TLS 证书", "make a local CA and a server certificate"),
    "db": ("数据库", "upgrade, back up, restore or check the database"),
    "audit": ("审计记录", "verify or list the audit trail"),
    "check-config": ("检查配置", "check the settings and print them"),
}
"""Command → what it does, zh and en. The module is ``ecert.cli.<command>``, with ``_`` for ``-``."""

_EPILOG = """退出码 exit codes: 0 完成 done · 1 拒绝或未全部完成 refused, or not all done
· 2 无法确认 cannot be confirmed · 3 无法运行 could not run"""
COULD_NOT_RUN = 3


class Parser(argparse.ArgumentParser):
    """An argument parser whose usage errors end with exit code 3, because 2 is a verdict."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the fault, and exit with 3."""
        self.print_usage(sys.stderr)
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] not in COMMANDS:
        return _top(arguments)
    try:
        return _run(arguments[0], arguments[1:])
    except EcertError as exc:
        return _explain(exc)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0  # the reader (``head``) has seen enough
    except Exception as exc:  # noqa: BLE001 - whatever it is: its place goes to the log, its text (may be personal) not
        return _incident(exc)


def _top(arguments: list[str]) -> int:
    parser = Parser("ecert", formatter_class=argparse.RawDescriptionHelpFormatter, epilog=_EPILOG, add_help=True)
    parser.description = "电子证照：签发、持有、出示、核验 / verifiable electronic certificates"
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    for name, (zh, en) in COMMANDS.items():
        commands.add_parser(name, help=f"{zh} / {en}", add_help=False)
    if not arguments:
        parser.print_help(sys.stderr)
        return COULD_NOT_RUN
    parser.parse_args(arguments[:1])
    return 0


def _run(name: str, arguments: list[str]) -> int:
    module = importlib.import_module(f"ecert.cli.{name.replace('-', '_')}")
    zh, en = COMMANDS[name]
    if hasattr(module, "run_raw"):
        return int(module.run_raw(arguments))
    parser = Parser(f"ecert {name}", description=f"{zh} / {en}", epilog=_EPILOG)
    module.arguments(parser)
    return int(module.run(parser.parse_args(arguments)))


def _explain(error: EcertError) -> int:
    from ecert.problems import PROBLEMS, field_faults

    problem = PROBLEMS.get(error.code, PROBLEMS["ecert_error"])
    lines = [f"{problem.title_zh} / {problem.title_en} [{error.code}]"]
    faults = field_faults(error)
    lines += [f"  {' '.join(fault.values())}" for fault in faults] or [f"  {error}"]
    sys.stderr.write("\n".join(lines) + "\n")
    return 1 if error.code == "expectation_failed" else COULD_NOT_RUN


def _incident(error: Exception) -> int:
    from ecert.problems import internal

    incident = internal(error)["incident"]
    sys.stderr.write(f"系统内部错误 / internal error: {type(error).__name__}, incident {incident}\n")
    return COULD_NOT_RUN
