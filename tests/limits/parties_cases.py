"""Limits of the register of relying parties, of their purposes, and of what they hand in by the batch."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError

from ecert.errors import MalformedRequest
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from schemas.dcql import ClaimsQuery, CredentialQuery, Query
from tests.limits.case import Case
from tests.support.parties import water
from verifier.batches.routes import BatchBody
from verifier.parties.model import Environment, Party
from verifier.parties.return_uris import check_pattern
from verifier.purposes.model import Purpose, Sector
from verifier.purposes.reading import document, read_purpose
from verifier.watches.routes import WatchBody

_QUERY = Query((CredentialQuery("id", "dc+sd-jwt", claims=(ClaimsQuery(("name",)),)),))
_METER = Purpose("water.meter", Sector.WATER, "抄表", "Meter reading", "个人同意", "Consent", 30, _QUERY)
_PLACE = {"list": "https://ecert.example/status/1", "index": 7}
_KEYS = [SoftwareSigner.generate(Algorithm.ES256).public_key for _ in range(6)]
_PARTY, _PURPOSE = "invalid_party", "invalid_purpose"


def _own(size: int) -> Party:
    own = tuple(replace(_METER, purpose_id=f"water.p{number}") for number in range(size))
    return water(own=own, purposes=frozenset(each.purpose_id for each in own))


def _party(name: str, make: Any) -> Case:
    return Case(f"verifier.parties.model.{name}", _PARTY, make, lambda made: made())


def _asked(model: type[BaseModel]) -> Any:
    """Read as the application's edge does."""

    def read(members: dict[str, Any]) -> BaseModel:
        try:
            return model.model_validate(members)
        except ValidationError:
            raise MalformedRequest([]) from None

    return read


def _body(constant: str, make: Any, model: type[BaseModel]) -> Case:
    return Case(f"verifier.{constant}", "malformed_request", make, _asked(model))


CASES = (
    _party("MAX_PURPOSES", lambda n: lambda: water(purposes=frozenset(f"p{number}" for number in range(n)))),
    _party("MAX_OWN", lambda n: lambda: _own(n)),
    _party("MAX_RETURN_URIS", lambda n: lambda: water(return_uris=("https://water.example/back",) * n)),
    _party("MAX_KEYS", lambda n: lambda: water(keys={Environment.LIVE: tuple(_KEYS[:n])})),
    _party("MAX_CONTACT", lambda n: lambda: water(contact="x" * n)),
    Case(
        "verifier.parties.return_uris.MAX_URI",
        _PARTY,
        lambda n: "https://water.example/".ljust(n, "x"),
        check_pattern,
    ),
    Case(
        "verifier.purposes.model.MAX_TEXT",
        _PURPOSE,
        lambda n: document(_METER) | {"legal_basis_zh": "法" * n},
        read_purpose,
    ),
    Case(
        "verifier.purposes.model.MAX_RETENTION_DAYS",
        _PURPOSE,
        lambda n: document(_METER) | {"retention_days": n},
        read_purpose,
    ),
    _body(
        "batches.model.MAX_AT_ONCE",
        lambda n: {"items": [{"id": str(number), "status": _PLACE} for number in range(n)]},
        BatchBody,
    ),
    _body("watches.model.MAX_PLACES", lambda n: {"places": [_PLACE] * n}, WatchBody),
    _body("watches.model.MAX_DAYS", lambda n: {"places": [_PLACE], "days": n}, WatchBody),
)
