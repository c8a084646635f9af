"""Certificates of facts over real databases: the limit holds for those who ask at once."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any

from ecert.rate_rules import DEFAULTS
from ecert.storage import Storage
from issuer.openid4vci.errors import TooManyRequests
from issuer.orders.snapshots import RULE, SnapshotDesk, SnapshotPorts
from schemas.examples import example_claims
from schemas.holders import HolderClaim
from schemas.types import certificate_type
from schemas.validity import day_of
from tests.storage.test_entitlements import NOW, Town, clock

TYPE, HOLDER = "social_insurance_certificate", HolderClaim("111", "440799199003070112", "陈大文")


class SlowRegister:
    """A register that takes its time; every answer has another number."""

    def __init__(self) -> None:
        self._numbers = count()

    def snapshot(self, type_id: str, holder: HolderClaim) -> Mapping[str, Any]:
        del holder
        time.sleep(0.05)
        number = f"SBJM20260302{next(self._numbers):06}"
        return example_claims(certificate_type(type_id), today=day_of(NOW)) | {"verification_code": number}


def test_of_many_wishes_at_once_no_more_than_the_limit_are_granted(storage: Storage) -> None:
    town, ids = Town(storage), count()
    ports = SnapshotPorts(
        registers=SlowRegister(),
        orders=storage.orders,
        limits=storage.rate_limits,
        directory=storage.directory,
        clock=clock,
        new_id=lambda: f"order-{next(ids)}",
    )
    desk, answers = SnapshotDesk(town.issuer, ports), Counter[str]()

    def ask() -> None:
        try:
            desk.ask(TYPE, HOLDER)
            answers["issued"] += 1
        except TooManyRequests:
            answers["refused"] += 1

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    limit = DEFAULTS[RULE].count
    assert answers == {"issued": limit, "refused": 12 - limit}
