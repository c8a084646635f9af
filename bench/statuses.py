"""Publishing a status list: a million entries in every form, against the compressing and signing that this takes."""

import random
import zlib
from datetime import UTC, datetime, timedelta

from bench import limits
from bench.timing import Operation, Row
from issuer.status_forms import FORMS_SIGNED, Edition, bitstring_document, signed_forms
from keys.algorithms import Algorithm
from keys.encoding import b64url_decode
from keys.signer import SoftwareSigner
from schemas.formats.bitstring_credential import PURPOSES

SIZE, MARKED = 1_000_000, 10_000
_NOW = datetime(2026, 3, 2, tzinfo=UTC)


def rows() -> list[Row]:
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
    return [Row("status list, publish in every form", "limit", Operation(least, 1), ours, None)]


def _packed(edition: Edition, purpose: str) -> bytes:
    text = bitstring_document(edition, purpose)["credentialSubject"]["encodedList"]
    return zlib.decompress(b64url_decode(text[1:]), wbits=31)
