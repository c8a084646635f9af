"""The rows of SD-JWT VC and vc+jwt, and of the whole verifier."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench import limits, payload
from bench.timing import Operation, Row, repeated
from keys import public
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey, TrustEntry, TrustList
from schemas.formats import key_binding, sd_jwt_vc, vc_jwt
from schemas.formats.pack import TypeLabel
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_list import StatusList
from verifier import Evidence, Policy, verify
from verifier.evidence import StatusEvidence

HOLDERS = 32  # presentations of as many holders, so that no holder's key is found in a cache
NAMES = frozenset(payload.SELECTIVE)
AUDIENCE, NONCE = "urn:ecert:counter", "n-0S6_WzA2Mj8ySg2qSmvA"
_SHOWN_AT = datetime.fromtimestamp(payload.IAT + 1, UTC)
_VERDICT = "valid"


def rows() -> list[Row]:
    """Return issuing and verifying, and the whole verifier."""
    made: list[Row] = []
    for algorithm, issue_aim, verify_aim in ((Algorithm.ES256, 2.5, 1.8), (Algorithm.EDDSA, 2.1, 1.5)):
        desk = Desk(algorithm)
        made += [desk.issue_sd_jwt_vc(issue_aim), desk.verify_sd_jwt_vc(verify_aim), desk.verify_whole()]
    return [*made, *Desk(Algorithm.ES256).vc_jwt_rows()]


def _salt() -> bytes:
    return secrets.token_bytes(16)


def _each(works: Sequence[Callable[[], object]]) -> Operation:
    def run() -> None:
        for work in works:
            work()

    return Operation(run, len(works), prepare=_forget_keys)


def _forget_keys() -> None:
    # A holder comes once: a key found in the cache would be a load that the format forces and nobody paid.
    public._load_jwk.cache_clear()  # noqa: SLF001  (no public way, and none is wanted)


def _repeated(work: Callable[[], object]) -> Operation:
    return repeated(work, HOLDERS)


class Desk:
    """An issuer with one key, holders with one each, and the presentations that they make."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.algorithm = algorithm
        self.raw = limits.generate(algorithm)
        self.issuer = SoftwareSigner(self.raw)
        raws = [limits.generate(algorithm) for _ in range(HOLDERS)]
        self.holders = [SoftwareSigner(raw) for raw in raws]
        self.shown = [self._presentation(holder, index) for index, holder in enumerate(self.holders)]
        self.limits = [self._limit(shown, raw) for shown, raw in zip(self.shown, raws, strict=True)]

    def issue_sd_jwt_vc(self, aim: float) -> Row:
        """Issue with ten selective claims: one signature and ten hashes."""
        claims = payload.claims(self.holders[0], index=4711)
        ours = _repeated(lambda: sd_jwt_vc.issue(claims, NAMES, self.issuer, salt=_salt).text())
        return Row(f"issue SD-JWT VC, {self.algorithm}", "limit", _repeated(self.issuing_limit()), ours, aim)

    def issuing_limit(self) -> limits.Work:
        """Return what an SD-JWT VC forces its issuer to do."""
        sample = sd_jwt_vc.issue(payload.claims(self.holders[0], index=4711), NAMES, self.issuer, salt=_salt)
        return limits.together(
            limits.signing(self.raw, sample.issuer_jws.signing_input), limits.hashing(list(sample.disclosures))
        )

    def verify_sd_jwt_vc(self, aim: float) -> Row:
        """Verify with ten disclosures and key binding: two signatures, a key load, eleven hashes."""
        ours = _each([self._verifying(shown.text()) for shown in self.shown])
        return Row(f"verify SD-JWT VC + KB, {self.algorithm}", "limit", _each(self.limits), ours, aim)

    def verify_whole(self) -> Row:
        """The whole verifier: the same, and trust list, type, validity, status, replay, report."""
        evidence = self._evidence()
        policy = Policy(accepted_types=frozenset({payload.VCT}), audience=AUDIENCE, nonce=NONCE)

        def checking(text: str) -> Callable[[], object]:
            assert verify(text, policy=policy, evidence=evidence, now=_SHOWN_AT).verdict == _VERDICT
            return lambda: verify(text, policy=policy, evidence=evidence, now=_SHOWN_AT)

        ours = _each([checking(shown.text()) for shown in self.shown])
        return Row(f"verifier.verify SD-JWT VC + KB, {self.algorithm}", "limit", _each(self.limits), ours, None)

    def vc_jwt_rows(self) -> list[Row]:
        """Issue and verify vc+jwt: one signature each."""
        document = payload.document(self.holders[0], index=4711)
        text = self.vc_jwt()
        signed = vc_jwt.parse(text).issuer_jws.signing_input
        return [
            Row(
                f"issue vc+jwt, {self.algorithm}",
                "limit",
                _repeated(limits.signing(self.raw, signed)),
                _repeated(lambda: vc_jwt.issue(document, self.issuer)),
                1.6,
            ),
            Row(
                f"verify vc+jwt, {self.algorithm}",
                "limit",
                _repeated(limits.verifying(self.raw, signed)),
                _repeated(lambda: vc_jwt.parse(text).verified_by(self.issuer.public_key)),
                1.5,
            ),
        ]

    def vc_jwt(self) -> str:
        """Return the certificate as vc+jwt."""
        return vc_jwt.issue(payload.document(self.holders[0], index=4711), self.issuer)

    def _presentation(self, holder: SoftwareSigner, index: int) -> SdJwt:
        issued = sd_jwt_vc.issue(payload.claims(holder, index=index), NAMES, self.issuer, salt=_salt)
        return key_binding.bind(issued, holder, audience=AUDIENCE, nonce=NONCE, iat=payload.IAT)

    def _limit(self, shown: SdJwt, holder: limits.Raw) -> limits.Work:
        assert shown.key_binding is not None
        return limits.together(
            limits.verifying(self.raw, shown.issuer_jws.signing_input),
            limits.hashing([*shown.disclosures, shown.bound_text()]),
            limits.loading(SoftwareSigner(holder).public_key.jwk),
            limits.verifying(holder, shown.key_binding.rpartition(".")[0].encode("ascii")),
        )

    def _verifying(self, text: str) -> Callable[[], object]:
        def run() -> key_binding.KeyBinding:
            shown = sd_jwt_vc.parse(text)
            credential = sd_jwt_vc.verified_by(shown, self.issuer.public_key)
            return key_binding.verified_by(shown, key_binding.holder_key(credential.claims))

        assert run().nonce == NONCE
        return run

    def _evidence(self) -> Evidence:
        since = datetime(2025, 1, 1, tzinfo=UTC)
        entry = TrustEntry(
            payload.ISSUER,
            "江门市市场监督管理局",
            "Jiangmen Administration for Market Regulation",
            ("amr",),
            frozenset({payload.VCT}),
            since,
            None,
            (TrustedKey(self.issuer.public_key, since),),
        )
        statuses = StatusList.from_statuses({}, bits=2, size=1 << 20)
        issuers = frozenset({payload.ISSUER})
        status = StatusEvidence(payload.STATUS_URI, issuers, _SHOWN_AT, None, statuses)
        return Evidence(
            trust=TrustList(1, since, datetime(2030, 1, 1, tzinfo=UTC), {payload.ISSUER: entry}, {}),
            types={payload.VCT: TypeLabel("business_licence", "营业执照", "Business licence")},
            status_lists={payload.STATUS_URI: status},
        )
