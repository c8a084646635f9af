"""Every request of the client and how its answer is read, without sending anything: shared by sync and async."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from keys import strict_json
from keys.errors import KeysError
from verifier.client import models
from verifier.client.errors import ApiProblem, NotReached

R = TypeVar("R")
T = TypeVar("T")
MAX_TRIES = 5
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""Seconds: a server that says to come back later than this is believed, and the caller hears it at once."""
POLL_FIRST, POLL_LONGEST = 1.0, 10.0
ITEMS_AT_ONCE = 500
"""Items of a batch in one request."""
BYTES_AT_ONCE = 700_000
_WAIT_AND_RETRY = frozenset({429, 503})
_MAGIC = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF", "application/pdf"))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of HTTP; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Return the JSON object; raises NotReached when it is none."""
        try:
            return strict_json.loads_object(self.content)
        except KeysError:
            raise NotReached(f"answer {self.status} is no JSON object") from None


@dataclass(frozen=True, slots=True)
class Call(Generic[R]):
    """One request. ``repeatable``: a second one changes nothing, so that a lost answer may be asked for again."""

    method: str
    path: str
    read: Callable[[Answer], R]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of a list, and where it goes on."""

    items: Sequence[T]
    cursor: str | None


def create(wanted: Mapping[str, Any], *, key: str) -> Call[models.Created]:
    """Begin a verification; ``key`` is the idempotency key."""
    return _post("/v1/verifications", wanted, models.created, key=key)


def get(verification_id: str, *, session: str | None, response_code: str | None) -> Call[models.Verification]:
    """Look at a verification."""
    query = {} if response_code is None else {"response_code": response_code}
    headers = {} if session is None else {"Verification-Session": session}
    path = f"/v1/verifications/{_part(verification_id)}"
    return Call("GET", path, lambda answer: models.verification(answer.json()), query, headers)


def page(path: str, member: str, read: Callable[[Mapping[str, Any]], T], query: Mapping[str, str]) -> Call[Page[T]]:
    """Look at one page of a list."""

    def of(answer: Answer) -> Page[T]:
        document = answer.json()
        return Page(tuple(map(read, document[member])), document.get("next_cursor"))

    return Call("GET", path, of, query)


def verifications(filters: Mapping[str, str]) -> Call[Page[models.Verification]]:
    """Look at verifications, the newest first."""
    return page("/v1/verifications", "verifications", models.verification, filters)


def present(presentation: str | bytes, options: Mapping[str, Any]) -> Call[models.Presented]:
    """Judge a presentation in hand: a text, or a picture or PDF as bytes. Shown is shown: it is not repeated."""
    headers, content = {"Content-Type": "application/json"}, b""
    if isinstance(presentation, str):
        content = strict_json.dumps({"text": presentation, **options})
    else:
        headers, content = {"Content-Type": _kind(presentation)}, presentation
    return Call(
        "POST",
        "/v1/verifications/present",
        lambda answer: models.presented(answer.json()),
        headers=headers,
        content=content,
        repeatable=False,
    )


def receipt(verification_id: str) -> Call[str]:
    """Fetch the signed receipt, a JWS."""
    path = f"/v1/verifications/{_part(verification_id)}/receipt"
    return Call("GET", path, lambda answer: answer.content.decode("ascii"))


def create_batch(
    items: Sequence[Mapping[str, Any]], more: Mapping[str, Any], *, stays_open: bool, key: str
) -> Call[models.Batch]:
    """Begin a batch with its first items."""
    return _post("/v1/batches", {**more, "items": list(items), "open": stays_open}, models.batch, key=key)


def add_items(
    batch_id: str, items: Sequence[Mapping[str, Any]], *, offset: int, stays_open: bool
) -> Call[models.Batch]:
    """Add items to an open batch; ``offset`` makes a repeated request harmless."""
    document = {"items": list(items), "offset": offset, "open": stays_open}
    return _post(f"/v1/batches/{_part(batch_id)}/items", document, models.batch)


def batch(batch_id: str) -> Call[models.Batch]:
    """Look at a batch."""
    return Call("GET", f"/v1/batches/{_part(batch_id)}", lambda answer: models.batch(answer.json()))


def cancel_batch(batch_id: str) -> Call[models.Batch]:
    """Stop a batch; what is done stays."""
    return _post(f"/v1/batches/{_part(batch_id)}/cancel", {}, models.batch)


def results(batch_id: str, query: Mapping[str, str]) -> Call[Page[models.BatchItem]]:
    """Look at outcomes of a batch, in the order of its items."""
    return page(f"/v1/batches/{_part(batch_id)}/results", "results", models.batch_item, query)


def create_watches(wanted: Mapping[str, Any]) -> Call[Sequence[models.Watch]]:
    """Begin watching; what is watched already stays one watch."""
    return _post("/v1/watches", wanted, models.watches)


def watches(query: Mapping[str, str]) -> Call[Page[models.Watch]]:
    """Look at watches, the newest first."""
    return page("/v1/watches", "watches", models.watch, query)


def remove_watch(watch_id: str) -> Call[None]:
    """End a watch."""
    return Call("DELETE", f"/v1/watches/{_part(watch_id)}", lambda _: None)


def portions(items: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Cut the items of a batch into what fits into one request each; at least one portion, which may be empty."""
    portion: list[Mapping[str, Any]] = []
    size = 0
    for item in items:
        weight = len(strict_json.dumps(dict(item)))
        if portion and (len(portion) >= ITEMS_AT_ONCE or size + weight > BYTES_AT_ONCE):
            yield portion
            portion, size = [], 0
        portion.append(item)
        size += weight
    yield portion


def outcome(call: Call[R], answer: Answer) -> R:
    """Return what ``answer`` says.

    Raises:
        ApiProblem: the API refused.
        NotReached: the answer is not one of the API.
    """
    if 200 <= answer.status < 300:
        try:
            return call.read(answer)
        except (KeyError, TypeError, ValueError):
            raise NotReached(f"answer {answer.status} is not of the form that the API has") from None
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        raise NotReached(f"answer {answer.status} is not the API's")
    raise ApiProblem(answer.status, answer.json(), headers=answer.headers)


def pause_before_retry(call: Call[Any], tries: int, answer: Answer | None) -> float | None:
    """Return for how many seconds to wait and then try again, None for not at all; ``answer`` None: there was none."""
    if tries >= MAX_TRIES:
        return None
    pause = FIRST_PAUSE * 2.0 ** (tries - 1)
    if answer is None:
        return pause if call.repeatable else None
    if answer.status not in _WAIT_AND_RETRY:
        return None
    asked = answer.headers.get("retry-after", "")
    pause = float(asked) if asked.isascii() and asked.isdigit() else pause
    return pause if pause <= LONGEST_PAUSE else None


def next_poll(pause: float) -> float:
    """Return how long to wait before looking again after a pause that was in vain."""
    return min(pause * 1.5, POLL_LONGEST)


def _post(path: str, document: Mapping[str, Any], read: Callable[[Mapping[str, Any]], R], *, key: str = "") -> Call[R]:
    headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    content = strict_json.dumps({name: value for name, value in document.items() if value is not None})
    return Call("POST", path, lambda answer: read(answer.json()), headers=headers, content=content)


def _part(name: str) -> str:
    return quote(name, safe="")


def _kind(data: bytes) -> str:
    return next((kind for start, kind in _MAGIC if data.startswith(start)), "application/octet-stream")
