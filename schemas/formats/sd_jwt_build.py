"""Building the payload of an SD-JWT and its disclosures (RFC 9901, 4.2): members, elements, nesting, decoys."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from keys.encoding import b64url
from schemas.formats import disclosures as d
from schemas.formats.disclosures import ClaimPath, Salt
from schemas.formats.errors import DigestTwice, ReservedClaimName, UnknownClaimPath

_WITH_PARTS = (dict, list, tuple)
Selective = Collection[str | ClaimPath]
"""What the holder may hide: names of the top level, or paths; a path below another one is disclosed recursively."""


def build(
    claims: Mapping[str, Any], selective: Selective, *, salt: Salt, decoys: int = 0, sd_alg: str = d.DEFAULT_HASH
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the payload and its disclosures, in the order of the claims (children before their parents).

    ``decoys`` digests that hide nothing are added to every object and array that holds a selective claim. Digests of
    an object are sorted, so that their order tells nothing (4.2.4.1). The same salts give the same bytes.

    Raises:
        UnknownClaimPath: a path of ``selective`` leads to no claim.
        ReservedClaimName: a claim is named ``_sd``, ``...`` or ``_sd_alg``.
        WeakSalt: a salt has fewer than 128 bits.
        DigestTwice: two equal disclosures, because ``salt`` repeats itself.
        UnsupportedHashAlgorithm: ``sd_alg`` is not one of those accepted.
    """
    if not decoys and all(type(path) is str for path in selective):
        payload, disclosures = _flat(claims, selective, salt, d.hash_function(sd_alg))
    else:
        payload, disclosures = _nested(claims, selective, _Builder(salt, d.hash_function(sd_alg), decoys))
    if len(set(disclosures)) != len(disclosures):
        raise DigestTwice("two disclosures are equal: salts repeat")
    if disclosures:
        payload[d.HASH_NAME] = sd_alg
    return payload, tuple(disclosures)


def _flat(
    claims: Mapping[str, Any], selective: Collection[Any], salt: Salt, hash_function: Callable[[bytes], Any]
) -> tuple[dict[str, Any], list[str]]:
    # Certificates are flat: names of the top level alone, as quickly as can be. The same bytes as by the other way.
    wanted = frozenset(selective)
    shown = {name: item for name, item in claims.items() if name not in wanted}
    hidden = [name for name in claims if name in wanted]
    if len(hidden) != len(wanted):
        raise UnknownClaimPath(f"no claim at {min(wanted - claims.keys())}")
    _check_names(claims)
    salts = d.salt_texts(salt, len(hidden))
    encoded = [d.encode([text, name, claims[name]]) for text, name in zip(salts, hidden, strict=True)]
    digests = d.b64url_each([hash_function(text).digest() for text in encoded])
    if digests:
        shown[d.DIGESTS] = sorted(digests)
    return shown, b"~".join(encoded).decode("ascii").split("~") if encoded else []


def _nested(claims: Mapping[str, Any], selective: Selective, builder: "_Builder") -> tuple[dict[str, Any], list[str]]:
    builder.paths = {(path,) if type(path) is str else tuple(path) for path in selective}
    payload = builder.object(claims, ())
    if builder.paths:
        raise UnknownClaimPath(f"no claim at {d.path_text(min(builder.paths, key=len))}")
    return payload, builder.disclosures


def _check_names(value: Any) -> None:
    if isinstance(value, Mapping):
        if not d.RESERVED.isdisjoint(value):
            raise ReservedClaimName("a claim is named _sd, ... or _sd_alg")
        value = value.values()
    for item in value:
        if type(item) in _WITH_PARTS:
            _check_names(item)


class _Builder:
    """One building. ``paths`` loses each path when its claim is met; what is left leads nowhere."""

    def __init__(self, salt: Salt, hash_function: Callable[[bytes], Any], decoys: int) -> None:
        self.salt = salt
        self.hash = hash_function
        self.paths: set[ClaimPath] = set()
        self.decoys = decoys
        self.disclosures: list[str] = []

    def value(self, value: Any, path: ClaimPath) -> Any:
        kind = type(value)
        if kind is dict:
            return self.object(value, path)
        if kind is list or kind is tuple:
            return self.array(value, path)
        return value

    def object(self, value: Mapping[str, Any], path: ClaimPath) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        digests: list[str] = []
        for name, item in value.items():
            if name in d.RESERVED:
                raise ReservedClaimName("a claim is named _sd, ... or _sd_alg")
            here = (*path, name)
            built = self.value(item, here)
            if here in self.paths:
                self.paths.remove(here)
                digests.append(self._disclose([self._salt(), name, built]))
            else:
                shown[name] = built
        if digests:
            digests.extend(self._decoy() for _ in range(self.decoys))
            digests.sort()
            shown[d.DIGESTS] = digests
        return shown

    def array(self, value: Collection[Any], path: ClaimPath) -> list[Any]:
        result: list[Any] = []
        hides = False
        for position, item in enumerate(value):
            here = (*path, position)
            built = self.value(item, here)
            if here in self.paths:
                self.paths.remove(here)
                hides = True
                built = {d.ELEMENT: self._disclose([self._salt(), built])}
            result.append(built)
        if hides:
            for _ in range(self.decoys):
                # Anywhere, not at the end: a decoy's own digest says where, and it is random.
                digest = self._decoy()
                result.insert(int.from_bytes(digest[:4].encode(), "big") % (len(result) + 1), {d.ELEMENT: digest})
        return result

    def _salt(self) -> str:
        return d.salt_texts(self.salt, 1)[0]

    def _disclose(self, content: list[Any]) -> str:
        text = d.encode(content)
        self.disclosures.append(text.decode("ascii"))
        return b64url(self.hash(text).digest()).decode("ascii")

    def _decoy(self) -> str:
        # 4.2.5: a digest over a random number; no disclosure can have it.
        return b64url(self.hash(self._salt().encode("ascii")).digest()).decode("ascii")
