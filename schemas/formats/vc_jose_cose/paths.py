"""Paths of selectively disclosable parts as a person writes them: ``credentialSubject.phoneNumbers[0]``."""

import re

from schemas.formats.disclosures import ClaimPath
from schemas.formats.vc_jose_cose.errors import SdPathInvalid

_STEP = re.compile(r"([^.\[\]]+)((?:\[[0-9]{1,6}\])*)")


def parse(text: str) -> ClaimPath:
    """Return the path of names and positions, from the document's root.

    Raises:
        SdPathInvalid: not names with dots between, each with positions in brackets or none.
    """
    path: list[str | int] = []
    for step in text.split("."):
        found = _STEP.fullmatch(step)
        if found is None:
            raise SdPathInvalid("path is not names with dots between and positions in brackets")
        path.append(found[1])
        path.extend(int(position) for position in re.findall("[0-9]+", found[2]))
    return tuple(path)
