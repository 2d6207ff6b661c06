"""Optional libraries, imported when a reader needs them."""

import importlib
import importlib.util
from typing import Any

from workloads.errors import InputError


def import_extra(module: str, extra: str, source: object) -> Any:
    """Import a module of an optional library.

    InputError about `source` where it is not installed; it names the extra of zeroskip that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise _missing(module, extra, source) from None


def check_extra(module: str, extra: str, source: object) -> None:
    """As `import_extra`, for a library that another process imports."""
    if importlib.util.find_spec(module) is None:
        raise _missing(module, extra, source)


def _missing(module: str, extra: str, source: object) -> InputError:
    return InputError(f"{source}: {module} is not installed; expected pip install 'zeroskip[{extra}]'")
