"""The golden codes: what docs/adr/0015 freezes, as texts that must be read for ever.

P-256 keys from fixed names with deterministic signatures (RFC 6979), numbered salts, fixed times. ``python -m
tests.support.golden_qr`` writes those files of ``tests/golden/qr`` that are not there yet; it never writes over one. A
text is compared by what it holds, because another DEFLATE may pack the same bytes otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from schemas.formats.sd_cwt import credential, kbt, token
from schemas.qr import animation, base45, compact
from tests.support.sd_cwt import AUDIENCE, COPY, FIELDS, HOLDER, NOW, full, issued

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "qr"
LONG_ADDRESS = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(300))


@dataclass(frozen=True)
class GoldenCode:
    """One golden file: its name and its lines, the texts of the codes; ``data`` is what they hold."""

    name: str
    texts: tuple[str, ...]
    data: bytes


def codes() -> Iterator[GoldenCode]:
    """Make every golden code anew."""
    identity = {name: FIELDS[name] for name in ("name", "photo_digest", "age_over_18")}
    yield _single("purpose", kbt.bind(token.peek(issued(identity)), HOLDER, audience=AUDIENCE, iat=NOW))
    yield _single("full", kbt.bind(credential.choose(full(), ("name", "address")), HOLDER, audience=AUDIENCE, iat=NOW))
    challenged = credential.choose(full(), ("name",))
    yield _single(
        "challenge", kbt.bind(challenged, HOLDER, audience="urn:ecert:counter:17", iat=NOW, cnonce=b"8 bytes!")
    )
    yield _single("printed-copy", issued(identity, holder_key=None, printed_copy=COPY))
    fields = FIELDS | {"address": LONG_ADDRESS}
    large = credential.choose(token.peek(issued(fields, fields)), ("address",))
    data = kbt.bind(large, HOLDER, audience=AUDIENCE, iat=NOW)
    yield GoldenCode("animated", animation.codes(kbt.to_text(data)), data)


def _single(name: str, data: bytes) -> GoldenCode:
    return GoldenCode(name, (compact.PREFIX + base45.encode(compact.deflate(data)),), data)


def main() -> None:
    """Write the golden files that are missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for golden in codes():
        path = FOLDER / f"{golden.name}.txt"
        if not path.exists():
            path.write_text("\n".join(golden.texts) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
