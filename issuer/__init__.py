"""From an order to a signed certificate, its life cycle and its status lists.

    issuer = Issuer(Ports(ledger, keys, delivery, clock), rules=Rules(Profile.of(ProfileConfig())), randomness=chance)
    issued = issuer.issue(issuer.order_for("business_licence", claims, directory, row_key="2026-0042"))
    life_cycle.revoke(issued.identifier, Decision("吊销", officer="A-17", case_number="江市监罚〔2026〕7号"))

What the issuer needs from outside stands in ``issuer.ports``, what it records in ``issuer.records``, what can go wrong
in ``issuer.errors``. Files of records are issued by ``issuer.bulk``.
"""

from issuer.issuing import Issued, Issuer, Ports, Resumed
from issuer.kept import signed_kept_lists
from issuer.lifecycle import Decision, Done, LifeCycle, Replaced
from issuer.prepare import Prepared, Rules
from issuer.profile import Profile, ProfileConfig
from issuer.randomness import Randomness
from issuer.status import PublicationPolicy, StatusPublisher

__all__ = [
    "Decision",
    "Done",
    "Issued",
    "Issuer",
    "LifeCycle",
    "Ports",
    "Prepared",
    "Profile",
    "ProfileConfig",
    "PublicationPolicy",
    "Randomness",
    "Replaced",
    "Resumed",
    "Rules",
    "StatusPublisher",
    "signed_kept_lists",
]
