"""Libraries that only some readers need, imported when they are used."""

import importlib
from typing import Any

from workloads.errors import InputError


def import_extra(module: str, extra: str, source: object) -> Any:
    """The module, or a sentence about `source` that says which extra of ours brings it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(f"{source}: {module} is not installed; expected pip install 'zeroskip[{extra}]'") from None
