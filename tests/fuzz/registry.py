"""Every fuzz target by its name."""

from tests.fuzz import (
    binary_targets,
    delegation_targets,
    documents_targets,
    keys_targets,
    presenting_targets,
    protocol_targets,
    receiving_targets,
    tokens_targets,
    whole_targets,
)
from tests.fuzz.target import Target

_MODULES = (
    keys_targets,
    tokens_targets,
    binary_targets,
    documents_targets,
    whole_targets,
    delegation_targets,
    protocol_targets,
    receiving_targets,
    presenting_targets,
)
TARGETS: dict[str, Target] = {target.name: target for module in _MODULES for target in module.TARGETS}
"""The registry: ``python -m tests.fuzz --list`` prints it."""
