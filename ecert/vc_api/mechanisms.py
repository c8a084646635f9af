"""The issuer instances: one name, one kind of key, one way to secure. The path chooses, never the request's options."""

from dataclasses import dataclass

from keys.algorithms import Algorithm


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One row: the instance's name in the path, its key's algorithm, and its cryptosuite (None: vc+jwt).

    ``with_status``: each credential gets an entry of a bitstring status list.
    """

    name: str
    algorithm: Algorithm
    cryptosuite: str | None
    with_status: bool = False


MECHANISMS: tuple[Mechanism, ...] = (
    Mechanism("eddsa-rdfc-2022", Algorithm.EDDSA, "eddsa-rdfc-2022"),
    Mechanism("eddsa-jcs-2022", Algorithm.EDDSA, "eddsa-jcs-2022"),
    Mechanism("ecdsa-rdfc-2019-p256", Algorithm.ES256, "ecdsa-rdfc-2019"),
    Mechanism("ecdsa-rdfc-2019-p384", Algorithm.ES384, "ecdsa-rdfc-2019"),
    Mechanism("ecdsa-jcs-2019-p256", Algorithm.ES256, "ecdsa-jcs-2019"),
    Mechanism("ecdsa-jcs-2019-p384", Algorithm.ES384, "ecdsa-jcs-2019"),
    Mechanism("ecdsa-sd-2023", Algorithm.ES256, "ecdsa-sd-2023"),
    Mechanism("vc-jwt", Algorithm.ES256, None),
    Mechanism("bitstring", Algorithm.EDDSA, "eddsa-rdfc-2022", with_status=True),
)
"""Every instance, in the order of ``GET /issuers``."""
