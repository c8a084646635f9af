"""Where the published vectors are: in the folder that ``ECERT_VECTORS`` names (CONTRIBUTING.md says what is in it).

Without the setting, in ``shared/vectors`` beside the checkout if there is one, so that several checkouts have one copy.
"""

import os
from pathlib import Path

import pytest

SETTING = "ECERT_VECTORS"
NAMED = os.environ.get(SETTING)
FOLDER = Path(NAMED or Path(__file__).resolve().parents[3] / "shared" / "vectors")
W3C = FOLDER / "w3c"
MISSING = f"published vectors are not here: {SETTING} names their folder (CONTRIBUTING.md)"

needs_vectors = pytest.mark.skipif(not W3C.is_dir(), reason=MISSING)
"""For tests that look for W3C's vectors themselves; others ask for the fixture ``vectors``."""


def check_setting() -> None:
    """Refuse a setting that names no folder: what was asked for is not skipped; raises pytest.UsageError."""
    if NAMED and not FOLDER.is_dir():
        raise pytest.UsageError(f"{SETTING} names no folder")
