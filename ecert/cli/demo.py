"""``ecert demo [--home DIR]``: the whole story with all 40 types; exits 0 only if every expectation held."""

import argparse
import tempfile
import warnings
from pathlib import Path

from ecert.demo.story import Story
from ecert.errors import CommandFailed
from ecert.settings import load
from ecert.wiring import open_container
from keys.passphrase import DevelopmentPassphraseWarning


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to tell it; a new temporary folder by default."""
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="目录（须为空） / an empty folder (default: a new one)"
    )


def run(args: argparse.Namespace) -> int:
    """Tell the story; raises ExpectationFailed with the name of the first expectation that did not hold."""
    home: Path = args.home or Path(tempfile.mkdtemp(prefix="ecert-demo-"))
    if home.is_dir() and any(home.iterdir()):
        raise CommandFailed("folder of the demo is not empty: choose another one")
    # The demo has a world of its own: no setting of the environment reaches it, and its people are fictional.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DevelopmentPassphraseWarning)
        with open_container(load({"ECERT_HOME": str(home)}), environ={}) as container:
            Story(container, home.resolve(), print).tell()
    print(f"\n全部如期 every expectation held. 图片在 pictures: {home}/show-1.png … show-3.png")
    return 0
