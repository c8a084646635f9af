"""``ecert reinstate IDENTIFIER --reason … --officer … --case … --yes``: Give back a suspended a certificate (恢复)."""

import argparse

from ecert.cli import acts
from issuer.records import ActKind

arguments = acts.arguments


def run(args: argparse.Namespace) -> int:
    """Do it, or say what it would lead to; 1 while a status list is pending."""
    return acts.act(ActKind.REINSTATE, args)
