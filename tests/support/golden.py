"""The golden documents: what signed documents freeze (docs/adr), as bytes that are the same in every run.

Ed25519 keys from fixed seeds, numbered salts, one fixed hour. ``python -m tests.support.golden`` writes those files of
``tests/golden`` that are not there yet; it never writes over one: they must verify for ever.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from issuer.prepare import Numbering, Rules, prepare
from issuer.profile import Profile, ProfileConfig
from issuer.records import RecordedIntent
from issuer.signing import Desk, Ticket, sign
from keys.anchor import Anchor
from keys.kept import KeptList, token_digest, write_kept_list
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey, TrustEntry, TrustList, Withdrawal, write_trust_list
from schemas import types
from schemas.catalogue import CertificateType
from schemas.examples import example_claims
from schemas.formats import key_binding, status_token
from schemas.formats.pack import PackContent, TypeLabel, write_pack
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_list import StatusList
from schemas.order import HolderId, HolderRef, IssuedCredential, Order, StatusRef

FOLDER = Path(__file__).resolve().parent.parent / "golden"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)  # 10:00 in Jiangmen
BASE = "https://ecert.example"
REVOKED = 7  # the index in every status list whose value is 1


def key(name: str) -> SoftwareSigner:
    """The key of that name, the same in every run."""
    return SoftwareSigner(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


ANCHOR, HOLDER, WITHDRAWN = key("anchor"), key("holder"), key("withdrawn")


_DEFAULT = ProfileConfig()


def _issuer(department: str) -> str:
    return f"{BASE}/issuers/{department}"


def _list(department: str) -> str:
    return f"{BASE}/status/{department}"


def _credentials(
    kind: CertificateType, signer: SoftwareSigner, config: ProfileConfig = _DEFAULT
) -> tuple[IssuedCredential, ...]:
    ids = count(1)
    salts = count(1)
    profile = Profile.of(config)
    order = Order(kind.id, (HolderRef(HolderId("h"), HOLDER.public_key),), example_claims(kind, today=NOW.date()))
    made = prepare(
        order,
        rules=Rules(profile),
        issuer=_issuer(kind.department),
        numbering=Numbering("GOLDEN00000000000001", 1, lambda: f"golden-{next(ids)}"),
        now=NOW,
    )
    statuses = tuple(StatusRef(_list(kind.department), 100 + n) for n, _ in enumerate(made.intent.credentials))
    desk = Desk(signer, _issuer(kind.department), profile, lambda: next(salts).to_bytes(16, "big"))
    return sign(Ticket(RecordedIntent(made.intent, statuses)), desk, now=NOW)


def _trust() -> TrustList:
    since = NOW - timedelta(days=365)
    entries = {}
    for department in types.departments():
        entitled = frozenset(kind.vct for kind in types.all_types() if kind.department == department.id)
        listed = (TrustedKey(key(department.id).public_key, since), TrustedKey(WITHDRAWN.public_key, since))
        entries[_issuer(department.id)] = TrustEntry(
            issuer=_issuer(department.id),
            name_zh=department.name_zh,
            name_en=department.name_en,
            offices=(department.credit_code,),
            types=entitled,
            not_before=since,
            not_after=None,
            keys=listed if department.id == "amr" else listed[:1],
        )
    kid = WITHDRAWN.public_key.kid
    withdrawn = {kid: Withdrawal(kid, NOW, "stolen")}
    return TrustList(1, NOW, NOW + timedelta(days=7), entries, withdrawn)


def _status_token(department: str) -> str:
    statuses = StatusList.from_statuses({REVOKED: 1, 8: 2, 9: 3}, bits=2, size=1 << 20)
    seconds = int(NOW.timestamp())
    times = status_token.Times(seconds, seconds + 86_400, 3600)
    return status_token.issue(statuses, key(department), uri=_list(department), times=times)


def _shown(token: str, fields: tuple[str, ...]) -> str:
    chosen = SdJwt.parse(token).present([(name,) for name in fields])
    bound = key_binding.bind(chosen, HOLDER, audience="urn:ecert:counter", nonce="golden", iat=int(NOW.timestamp()))
    return bound.text()


@dataclass(frozen=True)
class Golden:
    """One golden file: its name in ``tests/golden`` and its text."""

    name: str
    text: str


def _in_other_formats(type_id: str) -> Iterator[Golden]:
    """The formats that no default profile names, of one type; salts and signatures are the same in every run."""
    kind = types.certificate_type(type_id)
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        config = ProfileConfig(formats=("ldp_vc",), suite=suite)
        yield Golden(f"formats/{kind.id}.{suite}.json", _credentials(kind, key(kind.department), config)[0].token)
    for form in ("jwt_vc_json", "vc+sd-jwt", "vc+cose"):
        config = ProfileConfig(formats=(form,))
        token = _credentials(kind, key(kind.department), config)[0].token
        yield Golden(f"formats/{kind.id}.{form.replace('+', '-')}.txt", token)


def documents() -> Iterator[Golden]:
    """Make every golden document anew."""
    licence = types.certificate_type("business_licence")
    for kind in types.all_types():
        for credential in _credentials(kind, key(kind.department)):
            form = (
                "short.sd-jwt"
                if credential.short_lived
                else credential.format.value.replace("dc+", "").replace("+", "-")
            )
            yield Golden(f"types/{kind.id}.{form}.txt", credential.token)
    for type_id in ("resident_id_card", "business_licence", "marriage_certificate"):
        yield from _in_other_formats(type_id)
    of_licence = _credentials(licence, key("amr"))[0].token
    yield Golden("presentation.sd-jwt-kb.txt", _shown(of_licence, ("legal_representative", "address")))
    kept = _credentials(licence, WITHDRAWN)[0].token
    yield Golden("kept.sd-jwt-kb.txt", _shown(kept, ("address",)))
    yield Golden("trust-list.jwt.txt", write_trust_list(_trust(), ANCHOR))
    yield Golden("status-list.jwt.txt", _status_token("amr"))
    yield Golden("pack.jwt.txt", write_pack(_pack(kept), ANCHOR))
    yield Golden("anchor.json", Anchor((ANCHOR.public_key,)).to_json().decode())


def _pack(kept: str) -> PackContent:
    kid = WITHDRAWN.public_key.kid
    digests = [token_digest(SdJwt.parse(kept).issuer_jwt)]
    issuing = sorted({kind.department for kind in types.all_types()})
    return PackContent(
        version=1,
        issued_at=NOW,
        next_update=NOW + timedelta(days=1),
        trust_list=write_trust_list(_trust(), ANCHOR),
        status_lists={_list(department): _status_token(department) for department in issuing},
        kept={kid: write_kept_list(KeptList.of(kid, issued_at=NOW, digests=digests), ANCHOR)},
        catalogue_digest="sha256-golden",
        types={kind.vct: TypeLabel(kind.id, kind.name_zh, kind.name_en) for kind in types.all_types()},
    )


def main() -> None:
    """Write the golden files that are missing."""
    for golden in documents():
        path = FOLDER / golden.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(golden.text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
