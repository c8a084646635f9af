"""What the API answers, as immutable values. Members that a later version adds are left out, and break nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ENDED = frozenset({"answered", "declined", "expired"})
BATCH_ENDED = frozenset({"done", "cancelled"})


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a result; ``state`` is passed, failed, unknown or skipped."""

    check: str
    state: str
    code: str
    text_zh: str = ""
    text_en: str = ""
    evidence: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate that was shown, with what was disclosed of it."""

    id: str
    type_id: str | None
    issuer: str | None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict, the checks behind it, and, while they are kept and all is valid, what was disclosed."""

    verdict: str
    verified_at: str
    checks: tuple[Check, ...]
    credentials: tuple[Shown, ...] = field(default=(), repr=False)

    @property
    def reasons(self) -> tuple[Check, ...]:
        """The checks that are against it: failed or unknown."""
        return tuple(each for each in self.checks if each.state in ("failed", "unknown"))


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification as it stands; ``result`` is there when it was answered and asked for by its id."""

    id: str
    environment: str
    status: str
    verdict: str | None
    purpose: str | None
    reference: str | None
    flow: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    result: Result | None = None
    has_receipt: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ENDED

    @property
    def is_valid(self) -> bool:
        """Whether it was answered and everything holds."""
        return self.verdict == "valid"

    def claims(self, type_id: str) -> Mapping[str, Any]:
        """Return what was disclosed of the first certificate of a type; raises KeyError when none was shown."""
        shown = self.result.credentials if self.result is not None else ()
        for each in shown:
            if each.type_id == type_id:
                return each.claims
        raise KeyError(type_id)


@dataclass(frozen=True, slots=True)
class Created:
    """A verification that waits. ``session`` is for the browser that starts on the same device, shown once."""

    verification: Verification
    link: str | None = field(default=None, repr=False)
    qr_svg: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    digital_credential_requests: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def id(self) -> str:
        """The verification's id."""
        return self.verification.id


@dataclass(frozen=True, slots=True)
class Acting:
    """Who showed a certificate for its holder: for which ``purposes`` (ids or texts), and from when until when."""

    agent_name: str = field(repr=False)
    relation: str
    purposes: tuple[str, ...]
    since: datetime
    until: datetime
    sentence_zh: str = field(default="", repr=False)
    sentence_en: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Presented:
    """A presentation in hand, judged. ``frame`` alone is there when a picture held one frame of an animated code.

    ``delegation`` is there when an agent showed it for its holder, and all is valid.
    """

    verdict: str | None
    report: Mapping[str, Any] = field(repr=False)
    id: str | None = None
    result: Result | None = None
    frame: Mapping[str, Any] | None = None
    delegation: Acting | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands: ``open`` takes more items, ``running``, ``done`` or ``cancelled``."""

    id: str
    state: str
    total: int
    done: int
    counts: Mapping[str, int]
    purpose: str | None
    reference: str | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in BATCH_ENDED


@dataclass(frozen=True, slots=True)
class BatchItem:
    """The outcome of one item, by the id that you gave it."""

    id: str
    verdict: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """A place in a status list that is looked at with every edition; ``value`` None: not known yet."""

    id: str
    list: str
    index: int
    value: int | None
    reference: str | None
    verification: str | None
    expires_at: datetime


def check(document: Mapping[str, Any]) -> Check:
    """Read a check."""
    text = document.get("text") or {}
    words = (text.get("zh", ""), text.get("en", ""))
    return Check(document["check"], document["state"], document["code"], *words, document.get("evidence") or {})


def result(document: Mapping[str, Any]) -> Result:
    """Read a result."""
    return Result(
        document["verdict"],
        document["verified_at"],
        tuple(map(check, document["checks"])),
        tuple(map(shown, document.get("credentials") or ())),
    )


def shown(document: Mapping[str, Any]) -> Shown:
    """Read a certificate that was shown."""
    return Shown(document["id"], document.get("type_id"), document.get("issuer"), document.get("claims") or {})


def verification(document: Mapping[str, Any]) -> Verification:
    """Read a verification."""
    found = document.get("result")
    return Verification(
        id=document["id"],
        environment=document["environment"],
        status=document["status"],
        verdict=document.get("verdict"),
        purpose=document.get("purpose"),
        reference=document.get("reference"),
        flow=document["flow"],
        created_at=moment(document["created_at"]),
        expires_at=moment(document["expires_at"]),
        ended_at=maybe(document.get("ended_at")),
        result=None if found is None else result(found),
        has_receipt=bool(document.get("has_receipt")),
    )


def created(document: Mapping[str, Any]) -> Created:
    """Read a verification that was begun."""
    code = document.get("qr") or {}
    return Created(
        verification(document),
        document.get("link"),
        code.get("svg"),
        document.get("session"),
        tuple(document.get("digital_credential_requests") or ()),
    )


def presented(document: Mapping[str, Any]) -> Presented:
    """Read what was said of a presentation in hand."""
    found, said = document.get("result"), document.get("delegation")
    return Presented(
        document.get("verdict"),
        document,
        document.get("id"),
        None if found is None else result(found),
        document.get("frame"),
        None if said is None else acting(said),
    )


def acting(document: Mapping[str, Any]) -> Acting:
    """Read who acts for a holder."""
    return Acting(
        document["agent_name"],
        document["relation"],
        tuple(document["purposes"]),
        moment(document["since"]),
        moment(document["until"]),
        document.get("sentence_zh", ""),
        document.get("sentence_en", ""),
    )


def batch(document: Mapping[str, Any]) -> Batch:
    """Read a batch."""
    return Batch(
        id=document["id"],
        state=document["state"],
        total=document["total"],
        done=document["done"],
        counts=document["counts"],
        purpose=document.get("purpose"),
        reference=document.get("reference"),
        created_at=moment(document["created_at"]),
        ended_at=maybe(document.get("ended_at")),
    )


def batch_item(document: Mapping[str, Any]) -> BatchItem:
    """Read the outcome of an item."""
    return BatchItem(document["id"], document["verdict"], tuple(map(check, document["checks"])))


def watch(document: Mapping[str, Any]) -> Watch:
    """Read a watch."""
    return Watch(
        id=document["id"],
        list=document["list"],
        index=document["index"],
        value=document.get("value"),
        reference=document.get("reference"),
        verification=document.get("verification"),
        expires_at=moment(document["expires_at"]),
    )


def watches(document: Mapping[str, Any]) -> Sequence[Watch]:
    """Read the watches that were begun."""
    return tuple(map(watch, document["watches"]))


def moment(text: str) -> datetime:
    """Read a moment (RFC 3339)."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def maybe(text: str | None) -> datetime | None:
    """Read a moment that may be null."""
    return None if text is None else moment(text)
