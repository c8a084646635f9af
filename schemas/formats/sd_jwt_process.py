"""Putting disclosures back into their places (RFC 9901, 7.1, steps 2.d and 3 to 5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.formats import disclosures as d
from schemas.formats.disclosures import ClaimPath
from schemas.formats.errors import (
    ClaimAlreadyPresent,
    DigestTwice,
    DisclosureTwice,
    DisclosureUnreferenced,
    MalformedDigests,
    NestedTooDeep,
    ReservedClaimName,
    WrongDisclosureKind,
)

MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Processed:
    """The processed payload, for each disclosure (by its text) the path at which it stands, and ``_sd_alg``."""

    claims: dict[str, Any]
    placed: dict[str, ClaimPath]
    hash_name: str


def process(payload: dict[str, Any], disclosures: Sequence[str]) -> Processed:
    """Return the claims with every disclosure in its place; ``payload`` is changed and becomes the result.

    Raises:
        UnsupportedHashAlgorithm: ``_sd_alg`` names another hash than those accepted.
        DisclosureError: a subclass for each rule of 7.1 that is broken.
        NestedTooDeep: deeper than ``MAX_DEPTH`` levels.
    """
    hash_name = payload.pop(d.HASH_NAME, d.DEFAULT_HASH)  # 3.f
    hash_function = d.hash_function(hash_name)  # 2.d
    # 3.a: the digest is taken over the ASCII text of each disclosure.
    digests = d.b64url_each([hash_function(text.encode("ascii")).digest() for text in disclosures])
    by_digest = dict(zip(digests, disclosures, strict=True))
    if len(by_digest) != len(disclosures):
        raise DisclosureTwice("a disclosure is sent more than once")
    walk = _Walk(by_digest)
    claims = walk.object(payload, ())
    if len(walk.placed) != len(disclosures):  # 5
        missing = len(disclosures) - len(walk.placed)
        raise DisclosureUnreferenced(f"{missing} of {len(disclosures)} disclosures are referred to by no digest")
    return Processed(claims, walk.placed, hash_name)


@dataclass(slots=True)
class _Walk:
    """One pass over the payload. Digests seen are remembered, whether or not a disclosure answers them."""

    by_digest: dict[str, str]
    seen: set[str] = field(default_factory=set)
    placed: dict[str, ClaimPath] = field(default_factory=dict)

    def value(self, value: Any, path: ClaimPath) -> Any:
        if type(value) is dict:
            return self.object(value, path)
        if type(value) is list:
            return self.array(value, path)
        return value

    def object(self, value: dict[str, Any], path: ClaimPath) -> dict[str, Any]:
        if len(path) > MAX_DEPTH:
            raise NestedTooDeep(f"claims nest deeper than {MAX_DEPTH} levels")
        digests = value.pop(d.DIGESTS) if d.DIGESTS in value else []  # 3.e
        if d.ELEMENT in value:
            # 4.1, rule 7: "..." stands only in an array element that conveys a digest.
            raise ReservedClaimName("an object holds a claim named '...'")
        if d.HASH_NAME in value:
            # 4.1.1: at the top it was taken out, and below the top it must not stand.
            raise ReservedClaimName("_sd_alg stands below the top level")
        for name, item in value.items():
            if type(item) in d.WITH_PARTS:
                value[name] = self.value(item, (*path, name))
        if digests != []:
            self._insert(value, digests, path)
        return value

    def _insert(self, target: dict[str, Any], digests: Any, path: ClaimPath) -> None:
        if type(digests) is not list:
            raise MalformedDigests("_sd is not an array")
        for digest in digests:
            text = self._answer(digest)
            if text is None:
                continue
            content = d.parse(text)
            if len(content) != 3:  # 3.c.ii.A
                raise WrongDisclosureKind("an object refers to a disclosure of an array element")
            _, name, value = content
            if name in d.RESERVED:  # 3.c.ii.B; 4.1.1 for _sd_alg
                raise ReservedClaimName("a disclosure's claim has a reserved name")
            if name in target:  # 3.c.ii.C
                raise ClaimAlreadyPresent("a disclosure brings a claim that already stands at its level")
            here = (*path, name)
            self.placed[text] = here
            target[name] = self.value(value, here) if type(value) in d.WITH_PARTS else value  # 3.c.ii.D and E

    def array(self, value: list[Any], path: ClaimPath) -> list[Any]:
        if len(path) > MAX_DEPTH:
            raise NestedTooDeep(f"claims nest deeper than {MAX_DEPTH} levels")
        result: list[Any] = []
        for item in value:
            here = (*path, len(result))
            if type(item) is not dict or d.ELEMENT not in item:
                result.append(self.value(item, here))
                continue
            if len(item) != 1:  # 4.2.4.2
                raise MalformedDigests("an array element holds more than its digest")
            text = self._answer(item[d.ELEMENT])
            if text is None:  # 3.d
                continue
            content = d.parse(text)
            if len(content) != 2:  # 3.c.iii.A
                raise WrongDisclosureKind("an array element refers to a disclosure of an object's claim")
            self.placed[text] = here
            result.append(self.value(content[1], here))  # 3.c.iii.B and C
        return result

    def _answer(self, digest: Any) -> str | None:
        if type(digest) is not str:
            raise MalformedDigests("a digest is no text")
        if digest in self.seen:  # 4
            raise DigestTwice("a digest is met more than once")
        self.seen.add(digest)
        return self.by_digest.get(digest)
