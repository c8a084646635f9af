"""The wallet's ports in memory, and a small town to try it in: an issuer, a citizen, a clock that stands still."""

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.encoding import b64url
from keys.errors import EcertError, KeyAlreadyExists, KeyNotFound
from keys.public import PublicKey
from keys.signer import Signer, SoftwareSigner
from schemas.catalogue import TypeId
from schemas.formats import sd_jwt_vc, vc_jwt
from schemas.formats.sd_cwt import credential as sd_cwt_credential
from schemas.formats.sd_cwt import kbt
from schemas.formats.sd_cwt import token as sd_cwt_token
from schemas.formats.sd_cwt.credential import Content
from schemas.order import (
    CredentialFormat,
    CredentialId,
    HolderId,
    HolderRef,
    Identifier,
    IssuedCredential,
    StatusRef,
)
from schemas.report import Check, Outcome, Report
from schemas.types import certificate_type, credential_fields
from wallet_api import Wallet
from wallet_api.errors import UnknownCredential, UnknownHolder, UnknownHolderKey, UnknownRecord
from wallet_api.key_proof import TYP
from wallet_api.records import Holder, HolderKey, HolderKind, Holding, ShownRecord

NOW = datetime(2026, 3, 2, 1, 23, 45, 678900, tzinfo=UTC)
AUDIENCE = "https://wallet.example"
ID_CARD = TypeId("resident_id_card")
MARRIAGE = TypeId("marriage_certificate")
NUMBER = "440799199003070112"
NAME = "陈大文"


class FakeWallets:
    """``Wallets`` in dictionaries."""

    def __init__(self) -> None:
        self._holders: dict[HolderId, Holder] = {}
        self._keys: dict[HolderId, dict[str, HolderKey]] = {}
        self._holdings: dict[HolderId, dict[CredentialId, Holding]] = {}
        self._shown: list[ShownRecord] = []
        self.references: dict[str, tuple[str, datetime]] = {}

    def find_or_add_holder(self, kind: HolderKind, code_type: str, code: str, name: str) -> Holder:
        for holder in self._holders.values():
            if (holder.code_type, holder.code) == (code_type, code):
                return holder
        holder = Holder(HolderId(secrets.token_hex(16)), kind, code_type, code, name)
        self._holders[holder.holder_id] = holder
        return holder

    def find_holder(self, code_type: str, code: str) -> Holder | None:
        return next((one for one in self._holders.values() if (one.code_type, one.code) == (code_type, code)), None)

    def holder(self, holder_id: HolderId) -> Holder:
        if holder_id not in self._holders:
            raise UnknownHolder("no holder has this id")
        return self._holders[holder_id]

    def holders(self, *, limit: int, offset: int = 0) -> list[Holder]:
        return list(self._holders.values())[offset : offset + limit]

    def add_key(self, key: HolderKey) -> None:
        self.holder(key.holder_id)
        keys = self._keys.setdefault(key.holder_id, {})
        keys.pop(key.key.kid, None)
        keys[key.key.kid] = key

    def present_key(self, holder_id: HolderId) -> HolderKey | None:
        return next(reversed(self._keys.get(holder_id, {}).values()), None)

    def key(self, holder_id: HolderId, kid: str) -> HolderKey:
        found = self._keys.get(holder_id, {}).get(kid)
        if found is None:
            raise UnknownHolderKey("the holder has no key of this thumbprint")
        return found

    def add_holdings(self, holdings: Sequence[Holding]) -> None:
        for holding in holdings:
            held = self._holdings.setdefault(holding.credential.holder_id, {})
            held.setdefault(holding.credential.credential_id, holding)

    def holdings(self, holder_id: HolderId) -> list[Holding]:
        held = self._holdings.get(holder_id, {}).values()
        return sorted(held, key=lambda one: one.credential.issued_at, reverse=True)

    def holding(self, holder_id: HolderId, credential_id: CredentialId) -> Holding:
        found = self._holdings.get(holder_id, {}).get(credential_id)
        if found is None:
            raise UnknownCredential("the holder has no credential of this id")
        return found

    def add_shown(self, record: ShownRecord) -> None:
        self._shown.append(record)

    def shown(self, holder_id: HolderId, *, limit: int) -> list[ShownRecord]:
        mine = [record for record in reversed(self._shown) if record.holder_id == holder_id]
        return sorted(mine, key=lambda record: record.at, reverse=True)[:limit]

    def shown_one(self, holder_id: HolderId, presentation_id: str) -> ShownRecord:
        for record in self._shown:
            if (record.holder_id, record.presentation_id) == (holder_id, presentation_id):
                return record
        raise UnknownRecord("the holder's history has no entry of this id")

    def change_shown(
        self, holder_id: HolderId, presentation_id: str, change: Callable[[ShownRecord], ShownRecord]
    ) -> None:
        old = self.shown_one(holder_id, presentation_id)
        self._shown[self._shown.index(old)] = replace(change(old), at=old.at)

    def add_reference(self, token_digest: str, presentation: str, expires_at: datetime) -> None:
        self.references[token_digest] = (presentation, expires_at)

    def take_reference(self, token_digest: str, now: datetime) -> str | None:
        presentation, expires_at = self.references.pop(token_digest, ("", now))
        return presentation if now < expires_at else None


class FakeCustody:
    """``CustodyKeys`` in a dictionary."""

    def __init__(self) -> None:
        self.signers: dict[str, SoftwareSigner] = {}

    def create(self, name: str) -> Signer:
        if name in self.signers:
            raise KeyAlreadyExists("key store has a key of this name")
        self.signers[name] = SoftwareSigner.generate()
        return self.signers[name]

    def open(self, name: str) -> Signer:
        if name not in self.signers:
            raise KeyNotFound("key store has no key of this name")
        return self.signers[name]


class FakeCheck:
    """``CredentialCheck`` that knows one issuer's key; ``rows`` replaces what it says, ``asked`` counts."""

    def __init__(self, issuer: PublicKey) -> None:
        self._issuer = issuer
        self.rows: tuple[Check, ...] | None = None
        self.type_id: str | None = None
        self.format: str | None = None
        self.asked = 0

    def check(self, token: str, *, holder_key: PublicKey | None) -> Report:
        self.asked += 1
        signature = Check("signature", Outcome.PASSED, "ok")
        try:
            if "." in token:
                jws.peek(token.partition("~")[0]).payload_verified_by(self._issuer)
            else:
                sd_cwt_token.peek(kbt.from_text(token)).verified_by(self._issuer)
        except EcertError:
            signature = Check("signature", Outcome.FAILED, "signature_invalid")
        rows = (signature,) if self.rows is None else self.rows
        return Report(rows, "2026-03-02T01:23:45Z", type_id=self.type_id, format=self.format)


def example_claims(type_id: TypeId, **changes: Any) -> dict[str, Any]:
    """Return the type's example claims; a value of None in ``changes`` takes a claim out."""
    given = {one.name: one.example for one in credential_fields(type_id) if one.example is not None}
    return {name: value for name, value in (given | changes).items() if value is not None}


def identifier_of(serial: str, version: int = 1) -> Identifier:
    """Return an identifier of GB/T 36904's shape; nothing in the wallet looks at the check character."""
    return Identifier(f"1.2.156.3005.2.11440799MB2X00012C001.11440799MB2X00012C.{serial}.{version:03}.0")


@dataclass
class Town:
    """Everything that a test of the wallet needs; ``now`` is what the clock says until somebody moves it."""

    now: datetime = NOW
    wallets: FakeWallets = field(default_factory=FakeWallets)
    custody: FakeCustody = field(default_factory=FakeCustody)
    issuer: SoftwareSigner = field(default_factory=lambda: SoftwareSigner.generate(Algorithm.EDDSA))

    def __post_init__(self) -> None:
        self.check = FakeCheck(self.issuer.public_key)
        self._numbers = itertools.count(1)
        self.wallet = Wallet(
            wallets=self.wallets,
            custody=self.custody,
            check=self.check,
            clock=lambda: self.now,
            randomness=secrets.token_bytes,
            secret=b"s" * 32,
            audience=AUDIENCE,
        )

    def citizen(self, number: str = NUMBER, name: str = NAME) -> HolderRef:
        """Return a holder with a custody key."""
        return self.wallet.holders.resolve("111", number, name)

    def later(self, **time: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**time)

    def credential(
        self,
        holder: HolderRef,
        type_id: TypeId = ID_CARD,
        *,
        claims: Mapping[str, Any] | None = None,
        selective: frozenset[str] | None = None,
        **changes: Any,
    ) -> IssuedCredential:
        """Return a credential for ``holder`` by the issuer; ``changes`` replaces members of the result."""
        assert holder.key is not None
        number = next(self._numbers)
        claims = example_claims(type_id) if claims is None else claims
        hidden = {one.name for one in credential_fields(type_id) if one.selective} if selective is None else selective
        payload = self._registered(type_id) | {"cnf": {"jwk": holder.key.jwk}} | dict(claims)
        token = sd_jwt_vc.issue(
            payload, sorted(hidden.intersection(claims)), self.issuer, salt=lambda: secrets.token_bytes(16)
        ).text()
        made = IssuedCredential(
            credential_id=CredentialId(f"credential-{number}"),
            identifier=identifier_of(f"2026{number:08}"),
            type_id=type_id,
            holder_id=holder.holder_id,
            format=CredentialFormat.SD_JWT_VC,
            short_lived=False,
            holder_kid=holder.key.kid,
            token=token,
            issued_at=self._hour(),
            expires_at=self._hour() + timedelta(days=365),
            status=StatusRef("https://city.example/status/1", number),
        )
        return replace(made, **changes)

    def sd_cwt(
        self, holder: HolderRef, fields: Iterable[str], type_id: TypeId = ID_CARD, *, full: bool = False, **changes: Any
    ) -> IssuedCredential:
        """Return a purpose certificate of ``fields``, or a ``full`` SD-CWT in which all of them are redacted."""
        claims = {name: value for name, value in example_claims(type_id).items() if name in set(fields)}
        made = self.credential(holder, type_id, **changes)
        content = Content(
            issuer="https://city.example/issuers/psb",
            subject=f"https://city.example/status/1#{made.status.index}",
            vct=certificate_type(type_id).vct,
            iat=int(self._hour().timestamp()),
            exp=int((self._hour() + timedelta(days=7)).timestamp()),
            fields=claims | changes.pop("claims", {}),
            redacted=frozenset(claims) if full else frozenset(),
            holder_key=holder.key,
        )
        token = kbt.to_text(sd_cwt_credential.issue(content, self.issuer, salt=lambda: secrets.token_bytes(16)))
        ends = {"expires_at": self._hour() + timedelta(days=7), "short_lived": not full} | changes
        return replace(made, format=CredentialFormat.SD_CWT, token=token, **ends)

    def vc_jwt(self, holder: HolderRef, type_id: TypeId = ID_CARD, **changes: Any) -> IssuedCredential:
        """Return the same as a ``vc+jwt``."""
        assert holder.key is not None
        registered = {name: value for name, value in self._registered(type_id).items() if name != "vct"}
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": registered["iss"],
            "credentialSubject": example_claims(type_id),
            "cnf": {"jwk": holder.key.jwk},
        }
        token = vc_jwt.issue(registered | document, self.issuer)
        return self.credential(holder, type_id, format=CredentialFormat.VC_JWT, token=token, **changes)

    def holding(self, holder: HolderRef, type_id: TypeId = ID_CARD, **changes: Any) -> IssuedCredential:
        """Return a credential that the wallet has received."""
        credential = self.credential(holder, type_id, **changes)
        self.wallet.receiving.deliver([credential])
        return credential

    def registered_device(self, holder: HolderRef, device: SoftwareSigner) -> HolderRef:
        """Return ``holder`` with the device's key as the present one."""
        challenge = self.wallet.holders.challenge(holder.holder_id)
        self.wallet.holders.register_device_key(holder.holder_id, self.key_proof(device, challenge.nonce))
        return HolderRef(holder.holder_id, device.public_key)

    def key_proof(self, device: SoftwareSigner, nonce: str | None, **changes: Any) -> str:
        """Return the proof that a device makes; ``changes`` replaces its claims, ``typ`` and ``signer`` its rest."""
        signer, typ = changes.pop("signer", device), changes.pop("typ", TYP)
        jwk = changes.pop("jwk", device.public_key.jwk)
        claims = {"nonce": nonce, "aud": AUDIENCE, "iat": int(self.now.timestamp())} | changes
        head = _b64({"alg": device.public_key.algorithm.value, "typ": typ, "jwk": jwk})
        signing_input = head + b"." + _b64(claims)
        return (signing_input + b"." + b64url(signer.sign(signing_input))).decode("ascii")

    def _hour(self) -> datetime:
        return self.now.replace(minute=0, second=0, microsecond=0)

    def _registered(self, type_id: TypeId) -> dict[str, Any]:
        return {
            "iss": "https://city.example/issuers/psb",
            "iat": int(self._hour().timestamp()),
            "exp": int((self._hour() + timedelta(days=365)).timestamp()),
            "vct": certificate_type(type_id).vct,
            "status": {"status_list": {"idx": 1, "uri": "https://city.example/status/1"}},
        }


def digest_of(token: str) -> str:
    """Return the digest under which a reference is kept."""
    return b64url(hashlib.sha256(token.encode("ascii")).digest()).decode("ascii")


def _b64(value: Any) -> bytes:
    return b64url(strict_json.dumps(value))
