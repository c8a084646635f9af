"""docs/openid4vci.md says what goes over the wire: a new recording has the same messages with the same members."""

import re
import shutil
from pathlib import Path

from tests.support.ecert_world import StillClock, make_home, world_in
from tests.support.exchange import PAGE, recorded


def shape(lines: list[str]) -> list[str]:
    """Return requests, statuses, names of headers and of members; values left out, and empty lines."""
    made = []
    for line in lines:
        member = re.match(r'\s*("[^"]+"):', line)
        header = re.match(r"([a-z-]+):", line)
        field = re.match(r"([a-z_-]+)=", line)
        if re.match(r"(GET|POST|HTTP/1.1|## )", line):
            made.append(line.partition("?")[0])
        elif found := member or header or field:
            made.append(found[1])
    return made


def test_the_page_shows_what_goes_over_the_wire(tmp_path: Path) -> None:
    home = make_home(tmp_path / "made", StillClock())
    copy = shutil.copytree(home, tmp_path / "home")
    lines = recorded(lambda settings: world_in(copy, StillClock(), **settings), tmp_path)
    page = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(page) if line.startswith("## "))
    whole = "\n".join(lines).splitlines()
    assert shape(page[start:]) == shape(whole)
