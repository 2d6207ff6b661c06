"""Optional libraries, imported when a reader needs them."""

import importlib
from typing import Any

from workloads.errors import InputError


def import_extra(module: str, extra: str, source: object) -> Any:
    """Import a module of an optional library.

    InputError about `source` where it is not installed; it names the extra of zeroskip that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise InputError(f"{source}: {module} is not installed; expected pip install 'zeroskip[{extra}]'") from None
