"""The rows of Data Integrity: a certificate of a known type, each suite's issuing and verifying against its limit.

The limit signs and verifies as often as the suite forces, and takes the hashes; for ecdsa-sd-2023 it also makes the key
of the statements (issuing) and loads it (verifying). Canonicalization is ours to pay for.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench import limits, payload
from bench.timing import Operation, Row
from keys.algorithms import Algorithm
from keys.did import to_did_key
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.data_integrity.ecdsa_sd_2023 import BaseValue, DerivedValue

TIMES = 32
METHOD = f"{payload.ISSUER}#key-1"
CREATED = datetime.fromtimestamp(payload.IAT, UTC)
# Two claims of the bench's payload are named otherwise than the type's fields, which the contexts know.
_NAMES = {"enterprise_name": "name", "enterprise_type": "entity_type"}
_HASHED = {"jcs": (1_225, 330), "rdfc": (3_121, 640)}
"""Bytes of the document and of the proof's options as each canonicalization writes them."""
MANDATORY = (
    *("/issuer", "/validFrom", "/validUntil", "/credentialSchema"),
    *(f"/credentialSubject/{name}" for name in payload.ALWAYS),
)
SHOWN = tuple(f"/credentialSubject/{_NAMES.get(name, name)}" for name in payload.SELECTIVE)
_PUBLIC_URL = payload.ISSUER.partition("/issuers/")[0]
_TYPE = payload.VCT.removeprefix("urn:ecert:").replace(":", "/")


def document(holder: SoftwareSigner) -> dict[str, Any]:
    """Return the bench's certificate as a VCDM 2.0 document whose contexts are known."""
    claims = {_NAMES.get(name, name): value for name, value in (payload.ALWAYS | payload.SELECTIVE).items()}
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", f"{_PUBLIC_URL}/contexts/{_TYPE}"],
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": payload.ISSUER,
        "validFrom": "2025-06-01T00:00:00+08:00",
        "validUntil": "2045-06-01T00:00:00+08:00",
        "credentialSubject": {"id": to_did_key(holder.public_key)} | claims,
        "credentialSchema": {"id": f"{_PUBLIC_URL}/schemas/{_TYPE}", "type": "JsonSchema"},
    }


def rows() -> list[Row]:
    """Return every row of Data Integrity."""
    edwards, point = _Desk(Algorithm.EDDSA), _Desk(Algorithm.ES256)
    return [
        *edwards.whole(Suite.EDDSA_RDFC_2022, 3.5, 2.0),
        *edwards.whole(Suite.EDDSA_JCS_2022, 1.8, 1.5),
        *point.whole(Suite.ECDSA_RDFC_2019, None, 2.6),
        *point.whole(Suite.ECDSA_JCS_2019, None, None),
        *point.selective(1.8, 1.5),
    ]


class _Desk:
    """An issuer with one key, and the document that it signs."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.raw = limits.generate(algorithm)
        self.signer = SoftwareSigner(self.raw)
        self.document = document(SoftwareSigner.generate(Algorithm.ES256))

    def issue(self, suite: Suite) -> dict[str, Any]:
        return data_integrity.issue(
            self.document, self.signer, suite=suite, verification_method=METHOD, created=CREATED
        )

    def issue_selective(self) -> dict[str, Any]:
        options = ProofOptions(mandatory_pointers=MANDATORY)
        return data_integrity.issue(
            self.document,
            self.signer,
            suite=Suite.ECDSA_SD_2023,
            verification_method=METHOD,
            created=CREATED,
            options=options,
        )

    def verify(self, signed: dict[str, Any]) -> object:
        return data_integrity.verify(signed, lambda _: self.signer.public_key)

    def whole(self, suite: Suite, issue_aim: float | None, verify_aim: float | None) -> list[Row]:
        """Issue and verify with a suite that signs the whole document: one signature, two hashes."""
        signed = self.issue(suite)
        hashes = limits.hashing(["x" * size for size in _HASHED["jcs" if "-jcs-" in suite else "rdfc"]])
        data = bytes(64)
        return [
            _row(
                f"issue {suite}, known type",
                limits.together(hashes, limits.signing(self.raw, data)),
                lambda: self.issue(suite),
                issue_aim,
            ),
            _row(
                f"verify {suite}, known type",
                limits.together(hashes, limits.verifying(self.raw, data)),
                lambda: self.verify(signed),
                verify_aim,
            ),
        ]

    def selective(self, issue_aim: float, verify_aim: float) -> list[Row]:
        """Issue, derive and verify with a signature for each statement."""
        signed = self.issue_selective()
        shown = data_integrity.derive(signed, SHOWN)
        base = BaseValue.parse(signed["proof"]["proofValue"])
        derived = DerivedValue.parse(shown["proof"]["proofValue"])
        statement, once = bytes(150), bytes(99)
        hashes = limits.hashing(["x" * 700, "x" * 1_000])
        making = limits.together(
            lambda: limits.generate(Algorithm.ES256),
            hashes,
            *[limits.signing(self.raw, statement)] * len(base.signatures),
            limits.signing(self.raw, once),
        )
        checking = limits.together(
            limits.loading_compressed(derived.public_key[2:]),
            hashes,
            *[limits.verifying(self.raw, statement)] * len(derived.signatures),
            limits.verifying(self.raw, once),
        )
        name = f"{Suite.ECDSA_SD_2023}, known type"
        return [
            _row(f"issue {name}", making, self.issue_selective, issue_aim),
            _row(f"derive {name}", making, lambda: data_integrity.derive(signed, SHOWN), None),
            _row(f"verify {name}", checking, lambda: self.verify(shown), verify_aim),
        ]


def _row(name: str, least: limits.Work, ours: Callable[[], object], aim: float | None) -> Row:
    return Row(name, "limit", _times(least), _times(ours), aim)


def _times(work: Callable[[], object]) -> Operation:
    def run() -> None:
        for _ in range(TIMES):
            work()

    return Operation(run, TIMES)
