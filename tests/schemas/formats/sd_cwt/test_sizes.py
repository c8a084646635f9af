"""How many bytes a code holds, for the claims of the table in docs/adr/0015: no more than 5 % above it.

``pytest -s`` prints ours beside the table's. Salts, keys and list names are random, as in a real code: they are what
cannot be packed. The middle of nine is taken.
"""

import secrets
import statistics

import pytest

from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.formats.sd_cwt import credential, kbt, token
from schemas.formats.status_claim import StatusReference
from schemas.qr import compact
from tests.support.sd_cwt import AUDIENCE, FIELDS, NOW, content

TWO = ("name", "id_number")
FOUR = (*TWO, "birth_date", "address")
PURPOSE = {TWO: 372, FOUR: 425, tuple(FIELDS): 469}
FULL = {TWO: 743, FOUR: 838, tuple(FIELDS): 1003}
TOLERANCE = 1.05


def packed_bytes(chosen: tuple[str, ...], *, full: bool) -> int:
    issuer, holder = SoftwareSigner.generate(), SoftwareSigner.generate()
    uri = "https://ecert.example/status/" + b64url_text(secrets.token_bytes(16))
    index = secrets.randbelow(1 << 20)
    fields = FIELDS if full else {name: FIELDS[name] for name in chosen}
    signed = content(
        fields,
        FIELDS if full else (),
        subject=f"{uri}#{index}",
        status=StatusReference(uri, index),
        holder_key=holder.public_key,
    )
    data = credential.issue(signed, issuer, salt=lambda: secrets.token_bytes(16))
    shown = credential.choose(token.peek(data), chosen if full else ())
    return len(compact.deflate(kbt.bind(shown, holder, audience=AUDIENCE, iat=NOW)))


@pytest.mark.parametrize(("chosen", "table"), PURPOSE.items(), ids=["2 claims", "4 claims", "10 claims"])
def test_a_purpose_certificate_is_no_larger_than_the_table_says(chosen: tuple[str, ...], table: int) -> None:
    ours = statistics.median(packed_bytes(chosen, full=False) for _ in range(9))
    print(f"\npurpose certificate, {len(chosen)} claims: {ours} bytes (table {table})")  # noqa: T201 what -s is for
    assert ours <= table * TOLERANCE


@pytest.mark.parametrize(("chosen", "table"), FULL.items(), ids=["2 claims", "4 claims", "10 claims"])
def test_a_full_sd_cwt_is_no_larger_than_the_table_says(chosen: tuple[str, ...], table: int) -> None:
    ours = statistics.median(packed_bytes(chosen, full=True) for _ in range(9))
    print(f"\nfull SD-CWT, {len(chosen)} of 10 claims: {ours} bytes (table {table})")  # noqa: T201 what -s is for
    assert ours <= table * TOLERANCE
