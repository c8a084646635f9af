"""``ecert check-config``: every setting as it is in force, and every fault at once."""

import argparse
import os

from ecert.errors import InvalidSettings
from ecert.settings import VARIABLES, load


def arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: the settings come from the environment."""


def run(args: argparse.Namespace) -> int:
    """Print the settings; 0 when all of them hold, 3 when not."""
    del args
    for variable in VARIABLES:
        given = os.environ.get(variable.name)
        shown = "***" if variable.secret and given else given if given is not None else variable.default or "-"
        origin = "" if given is not None else " (default)"
        print(f"{variable.name:28} {shown}{origin}\n{'':28} {variable.about_zh} / {variable.about_en}")
    try:
        load(os.environ)
    except InvalidSettings as exc:
        print(f"\n有误 / faults: {len(exc.faults)}")
        print("\n".join(f"  {fault}" for fault in exc.faults))
        return 3
    print("\n配置无误 / the settings are valid")
    return 0
