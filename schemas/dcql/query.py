"""A DCQL query as immutable values; ``document()`` gives the JSON that ``reading.read_query`` reads back equal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int | None, ...]
"""A claims path pointer (OpenID4VP 1.0, 7): names of members, indexes of arrays, None for every element."""
Value = str | int | bool


@dataclass(frozen=True, slots=True)
class ClaimsQuery:
    """One claim that is asked for (6.3); empty ``values`` take any value."""

    path: Path
    id: str | None = None
    values: tuple[Value, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        named = {} if self.id is None else {"id": self.id}
        return named | {"path": list(self.path)} | ({"values": list(self.values)} if self.values else {})


@dataclass(frozen=True, slots=True)
class TrustedAuthorities:
    """One condition on who certifies the issuer (6.1.1); ``type`` is ``aki``, ``etsi_tl``, ``openid_federation`` …"""

    type: str
    values: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"type": self.type, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class CredentialQuery:
    """One credential that is asked for (6.1).

    ``types`` are the alternatives of ``meta``: for ``dc+sd-jwt`` each holds one ``vct``, for the formats of the W3C it
    is a set of expanded types that must all be there; none is no constraint. ``claims`` None asks for no selective one.
    ``holder_binding`` is ``require_cryptographic_holder_binding``.
    """

    id: str
    format: str
    types: tuple[frozenset[str], ...] = ()
    claims: tuple[ClaimsQuery, ...] | None = None
    claim_sets: tuple[tuple[str, ...], ...] | None = None
    trusted_authorities: tuple[TrustedAuthorities, ...] = ()
    multiple: bool = False
    holder_binding: bool = True

    @property
    def combinations(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The combinations of claims that answer it, the preferred one first (6.4.1)."""
        if self.claims is None:
            return ((),)
        if self.claim_sets is None:
            return (self.claims,)
        named = {claim.id: claim for claim in self.claims}
        return tuple(tuple(named[name] for name in names) for names in self.claim_sets)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        made: dict[str, Any] = {"id": self.id, "format": self.format, "meta": self._meta()}
        if self.multiple:
            made["multiple"] = True
        if self.trusted_authorities:
            made["trusted_authorities"] = [each.document() for each in self.trusted_authorities]
        if not self.holder_binding:
            made["require_cryptographic_holder_binding"] = False
        if self.claims is not None:
            made["claims"] = [each.document() for each in self.claims]
        if self.claim_sets is not None:
            made["claim_sets"] = [list(names) for names in self.claim_sets]
        return made

    def _meta(self) -> Mapping[str, Any]:
        if not self.types:
            return {}
        if self.format == SD_JWT_VC:
            return {"vct_values": [next(iter(one)) for one in self.types]}
        return {"type_values": [sorted(one) for one in self.types]}


@dataclass(frozen=True, slots=True)
class CredentialSetQuery:
    """Alternatives of credential queries for one use (6.2)."""

    options: tuple[tuple[str, ...], ...]
    required: bool = True

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        made: dict[str, Any] = {"options": [list(option) for option in self.options]}
        return made if self.required else made | {"required": False}


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query (6). Without ``sets`` every credential is asked for."""

    credentials: tuple[CredentialQuery, ...]
    sets: tuple[CredentialSetQuery, ...] = ()

    @property
    def by_id(self) -> dict[str, CredentialQuery]:
        """The credential queries by id."""
        return {each.id: each for each in self.credentials}

    @property
    def required(self) -> tuple[CredentialSetQuery, ...]:
        """The sets that an answer must satisfy; without sets one of all credentials."""
        if not self.sets:
            return (CredentialSetQuery((tuple(each.id for each in self.credentials),)),)
        return tuple(each for each in self.sets if each.required)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        made: dict[str, Any] = {"credentials": [each.document() for each in self.credentials]}
        return made | ({"credential_sets": [each.document() for each in self.sets]} if self.sets else {})


SD_JWT_VC = "dc+sd-jwt"
