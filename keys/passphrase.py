"""The passphrase of the key store, from the environment."""

import os
import warnings
from collections.abc import Mapping

VARIABLE = "ECERT_PASSPHRASE"
DEVELOPMENT_PASSPHRASE = "ecert development passphrase, known to everyone"  # noqa: S105 -- meant to be known


class DevelopmentPassphraseWarning(UserWarning):
    """The key store is locked with a passphrase that everyone knows."""


def passphrase_from_env(environ: Mapping[str, str] = os.environ) -> str:
    """Return the value of ``ECERT_PASSPHRASE``; unset or empty gives ``DEVELOPMENT_PASSPHRASE`` and a warning."""
    value = environ.get(VARIABLE, "")
    if value:
        return value
    warnings.warn(
        f"{VARIABLE} is not set: keys are locked with the development passphrase, which everyone knows",
        DevelopmentPassphraseWarning,
        stacklevel=2,
    )
    return DEVELOPMENT_PASSPHRASE
