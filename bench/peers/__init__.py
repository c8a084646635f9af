"""Other implementations in Python, on the same payload, against the same limits (``--peers``, extra ``peers``).

One module for each; what is not installed says how to install it. Each does what its own documentation shows, and no
more: no policy, no key resolution. What it signed or verified is looked at before it is timed.
"""

from collections.abc import Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from bench import limits
from bench.timing import Row, Unavailable, repeated

TIMES = 8
ROUNDS = 15
Work = Callable[[], object]


def offered(peer: str, names: Sequence[str], make: Callable[[], Sequence[Row]]) -> list[Row | Unavailable]:
    """Return the rows of ``peer``, or for each of ``names`` why there are none."""
    try:
        return list(make())
    except ImportError:
        return [Unavailable(name, "not installed: pip install 'ecert[peers]'", peer) for name in names]


def row(name: str, peer: str, least: Work, work: Work) -> Row:
    """Return a row of ``peer`` beside ours of the same name."""
    return Row(name, "limit", repeated(least, TIMES), repeated(work, TIMES), None, peer, ROUNDS)


def openvc_key(raw: limits.Raw) -> Any:
    """Return a key as openvc takes it; raises ImportError."""
    from openvc import Ed25519SigningKey, P256SigningKey

    kind = Ed25519SigningKey if isinstance(raw, ed25519.Ed25519PrivateKey) else P256SigningKey
    return kind(raw, kid="key-1")
