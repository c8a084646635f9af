"""``python -m verifier PICTURE-OR-TEXT --pack FILE --anchor FILE``: exits 0 valid, 1 invalid, 2 indeterminate, 3 could
not run."""

import sys
from datetime import UTC, datetime

from verifier.cli import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], sys.stdin.buffer, sys.stdout, datetime.now(UTC), prog="python -m verifier"))
