"""What a holder sees of an offer and of a receiving: values for the routes, and their JSON for the sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.offers import TxCodeForm
from wallet_api.openid4vci.sources import Source, SourceState


class Stage(StrEnum):
    """Where a receiving stands."""

    RECEIVED = "received"
    DEFERRED = "deferred"
    SIGNATURE = "signature"
    BROWSER = "browser"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Preview:
    """An offer before the holder decides. ``trusted`` False: it cannot be accepted.

    The names are the trust list's for a trusted issuer, and what it says of itself for any other. ``unsupported``
    counts what is offered and cannot be held here.
    """

    offer_id: str
    issuer: str
    trusted: bool
    name_zh: str
    name_en: str
    configurations: tuple[Configuration, ...]
    unsupported: int
    tx_code: TxCodeForm | None
    needs_login: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the holder chose: configurations (None is all that can be held), and the transaction code."""

    configuration_ids: tuple[str, ...] | None = None
    tx_code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ToSign:
    """What a device has to sign: the ASCII text of a JWS signing input."""

    id: str
    signing_input: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one credential that was asked for."""

    source_id: str
    configuration_id: str
    state: SourceState
    credential_id: str | None
    reason: str | None

    @staticmethod
    def of(source: Source) -> "Result":
        """Return what a source says."""
        return Result(
            source.source_id, source.asked.configuration_id, source.state, source.credential_id, source.reason
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a receiving stands, and what it waits for."""

    receiving_id: str
    stage: Stage
    url: str | None = field(default=None, repr=False)
    to_sign: tuple[ToSign, ...] = field(default=(), repr=False)
    kid: str | None = None
    results: tuple[Result, ...] = ()


def stage_of(results: Sequence[Result]) -> Stage:
    """Return the stage of a receiving that waits for nothing from the holder."""
    states = {result.state for result in results}
    if states & {SourceState.ASKED, SourceState.DEFERRED}:
        return Stage.DEFERRED
    return Stage.RECEIVED if SourceState.KEPT in states else Stage.FAILED
