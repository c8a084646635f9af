"""The rows of status lists: a million entries against the prototype, and publishing them in every form.

Publishing is measured against the compressing and signing that it takes.
"""

import random
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench import limits, prototypes
from bench.timing import Operation, Row, repeated
from issuer.status_forms import FORMS_SIGNED, Edition, bitstring_document, signed_forms
from keys.algorithms import Algorithm
from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas.formats.bitstring_credential import PURPOSES
from schemas.formats.status_list import StatusList

SIZE, MARKED = 1_000_000, 10_000
_CHECKED = 10_000
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def rows() -> list[Row]:
    """Return every row."""
    return [*_codec(), _publishing()]


def _publishing() -> Row:
    """Return the row: one edition of a million entries, 1 % of them not valid, as eight signed documents."""
    chance = random.Random(20190618)  # noqa: S311  (the same list in every run; nothing is secret)
    values = {index: chance.choice((1, 1, 1, 2, 3)) for index in chance.sample(range(SIZE), MARKED)}
    raw = limits.generate(Algorithm.ES256)
    signer = SoftwareSigner(raw)
    edition = Edition(
        uri="https://ecert.example/status/1",
        issuer="https://ecert.example/issuers/amr",
        size=SIZE,
        issued_at=_NOW,
        expires_at=_NOW + timedelta(hours=24),
        ttl=timedelta(hours=1),
        values=values,
    )
    lists = [edition.statuses.packed, *(_packed(edition, purpose) for purpose in PURPOSES)]
    signing = limits.signing(raw, b"x" * 100)

    def least() -> None:
        for packed in lists:
            stream = zlib.compressobj(9, strategy=zlib.Z_RLE)
            stream.compress(packed)
            stream.flush()
        for _ in range(FORMS_SIGNED):
            signing()

    ours = Operation(lambda: signed_forms(edition, signer), 1)
    return Row("status list, publish in every form", "limit", Operation(least, 1), ours, None)


def _codec() -> list[Row]:
    """A status list of a million entries of 2 bits, 1 % of them set, against the prototype's."""
    chance = random.Random(20190618)  # noqa: S311  (the same list in every run; nothing is secret)
    statuses = {index: chance.randint(1, 3) for index in chance.sample(range(SIZE), MARKED)}
    wanted = chance.sample(range(SIZE), _CHECKED)
    ours = StatusList.from_statuses(statuses, bits=2, size=SIZE)
    packed, text = prototypes.build(statuses, SIZE), ours.encoded()
    assert ours.packed == packed == prototypes.decode(text)
    assert ours.at(wanted) == prototypes.check(packed, wanted)

    def row(name: str, prototype: Callable[[], object], own: Callable[[], object], times: int) -> Row:
        return Row(f"status list, {name}", "prototype", repeated(prototype, times), repeated(own, times), 1.5)

    return [
        row(
            "build",
            lambda: prototypes.build(statuses, SIZE),
            lambda: StatusList.from_statuses(statuses, bits=2, size=SIZE),
            5,
        ),
        row("encode", lambda: prototypes.encode(packed), ours.encoded, 1),
        row("encode quick", lambda: prototypes.encode(packed), lambda: ours.encoded(quick=True), 1),
        row("decode", lambda: prototypes.decode(text), lambda: StatusList.from_encoded(text, bits=2), 20),
        row("check 10,000", lambda: prototypes.check(packed, wanted), lambda: ours.at(wanted), 5),
        row("check 10,000 one by one", lambda: prototypes.check(packed, wanted), lambda: [ours[i] for i in wanted], 5),
    ]


def _packed(edition: Edition, purpose: str) -> bytes:
    text = bitstring_document(edition, purpose)["credentialSubject"]["encodedList"]
    return zlib.decompress(b64url_decode(text[1:]), wbits=31)
