"""``ecert jose-cose issue|verify``: one document, one key, one form of W3C VC-JOSE-COSE; the securing alone is judged.

The answer goes to ``--output``: ``{"result": "success" | "failure" | "indeterminate", "data": "..."}``. ``data`` is the
secured document after issuing, the document's JSON after verifying, else the code of the rule that was broken.
Indeterminate is what could not be judged, because the key is of no kind that is supported.
"""

import argparse
import secrets
from pathlib import Path
from typing import Any

from ecert.cli.common import write_file
from ecert.errors import CommandFailed
from keys import strict_json
from keys.errors import EcertError, MalformedKey, MalformedToken
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.vc_jose_cose import features
from schemas.formats.vc_jose_cose.features import Feature, Options
from schemas.formats.vc_jose_cose.kinds import KeyHints

EXIT_CODES = {"success": 0, "failure": 1, "indeterminate": 2}
_MAX_BYTES = 1 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which files, in which form."""
    parser.add_argument("action", choices=("issue", "verify"), help="签发或核验 / issue or verify")
    parser.add_argument(
        "--input", type=Path, required=True, metavar="FILE", help="文件：JSON 或已签文本 / what to secure"
    )
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="密钥 / a verification method with JWKs"
    )
    parser.add_argument("--feature", choices=list(Feature), type=Feature, required=True, help="形式 / kind and form")
    parser.add_argument("--sd", default="[]", metavar="JSON", help="可选披露的路径 / selectively disclosable paths")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="结果文件 / where the answer goes")


def run(args: argparse.Namespace) -> int:
    """Write the answer; raises CommandFailed for a file that cannot be read."""
    raw, method = _read(args.input), _read(args.key)
    result, data = answer(args.action, args.feature, raw=raw, method=method, selective=args.sd)
    write_file(args.output, strict_json.dumps({"result": result, "data": data}))
    print(f"{args.feature}  {args.action}  {result}" + (f"  {data}" if result != "success" else ""))
    return EXIT_CODES[result]


def answer(action: str, feature: Feature, *, raw: bytes, method: bytes, selective: str = "[]") -> tuple[str, str]:
    """Return the result and what goes with it; nothing that ``raw`` or ``method`` holds raises."""
    try:
        key = _verification_method(method)
        if action == "issue":
            signer = SoftwareSigner.from_jwk(key["secretKeyJwk"])
        else:
            public = PublicKey.from_jwk(key["publicKeyJwk"])
    except (MalformedKey, MalformedToken) as exc:
        return "indeterminate", exc.code
    try:
        if action == "issue":
            kid = key["secretKeyJwk"].get("kid")
            hints = KeyHints(kid if type(kid) is str else None)
            options = Options(lambda: secrets.token_bytes(16), _paths(selective), hints)
            return "success", features.issue(feature, strict_json.loads_object(raw), signer, options)
        document = features.verify(feature, raw.decode("utf-8"), public)
        return "success", strict_json.dumps(document).decode("utf-8")
    except EcertError as exc:
        return "failure", exc.code
    except UnicodeDecodeError:
        return "failure", MalformedToken.code


def _verification_method(raw: bytes) -> dict[str, Any]:
    method = strict_json.loads_object(raw)
    return {name: _jwk(method, name) for name in ("publicKeyJwk", "secretKeyJwk")}


def _jwk(method: dict[str, Any], name: str) -> dict[str, Any]:
    value = method.get(name, {})
    if type(value) is not dict:
        raise MalformedKey(f"{name} is no object")
    return value


def _paths(text: str) -> list[str]:
    value = strict_json.loads(text.encode("utf-8"))
    if type(value) is not list or not all(type(item) is str for item in value):
        raise MalformedToken("paths are no array of texts")
    return value


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as exc:
        raise CommandFailed(f"file cannot be read: {exc.strerror}") from None
    if len(raw) > _MAX_BYTES:
        raise CommandFailed(f"file is larger than {_MAX_BYTES} bytes")
    return raw
