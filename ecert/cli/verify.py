"""``ecert verify``: the offline verifier's own command, the same as ``python -m verifier``."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from verifier import cli


def run_raw(argv: Sequence[str]) -> int:
    """Run the verifier with its own arguments; exits 0 valid, 1 invalid, 2 indeterminate, 3 could not run."""
    return cli.run(argv, sys.stdin.buffer, sys.stdout, datetime.now(UTC))
