"""The groups of rows, by name, in the order in which they are printed."""

from collections.abc import Callable, Mapping, Sequence

from bench import cwt, data_integrity, http, jose, qr, statuses, storing
from bench.peers import data_integrity as peers_data_integrity
from bench.peers import jose as peers_jose
from bench.setting import Setting
from bench.timing import Row, Unavailable

Rows = Sequence[Row | Unavailable]
Group = Callable[[Setting], Rows]

PEERS: Mapping[str, Group] = {
    "jose": lambda _: peers_jose.rows(),
    "data-integrity": lambda _: peers_data_integrity.rows(),
}
"""Other implementations, beside the group of the same name."""

GROUPS: Mapping[str, Group] = {
    "jose": lambda _: jose.rows(),
    "data-integrity": lambda _: data_integrity.rows(),
    "cwt": lambda _: cwt.rows(),
    "status": lambda _: statuses.rows(),
    "qr": lambda _: qr.rows(),
    "storing": storing.rows,
    "http": http.rows,
}
