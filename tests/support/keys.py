"""What the tests of ``keys`` share: records in memory."""

from collections.abc import Callable


class MemoryBlobs:
    """Records in a dict; ``before_add`` is called once, between a reader's look and its adding."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}
        self.before_add: Callable[[], object] | None = None

    def read(self, name: str) -> bytes | None:
        return self.records.get(name)

    def add(self, name: str, data: bytes) -> bool:
        interrupt, self.before_add = self.before_add, None
        if interrupt:
            interrupt()
        return self.records.setdefault(name, data) is data

    def replace(self, name: str, data: bytes) -> None:
        self.records[name] = data

    def remove(self, name: str) -> None:
        self.records.pop(name, None)

    def names(self) -> list[str]:
        return list(self.records)
