"""Named tuples of arrays and plain values as a document and arrays, and back."""

import sys
from typing import Any

import numpy as np

from workloads.document_types import Document

PACKAGE = "workloads."
"""Records are looked up here only, in modules that are loaded: kinds have loaded theirs."""
PLAIN = (str, int, float, bool, type(None))


def take_apart(value: object) -> tuple[Any, dict[str, np.ndarray]]:
    """What JSON can hold, and arrays, numbers [any shape], by the names that it has for them.

    value: arrays, plain values, tuples and mappings of such, and named tuples of `workloads`. TypeError for others.
    """
    arrays: dict[str, np.ndarray] = {}
    return _take(value, arrays), arrays


def put_together(document: Any, arrays: dict[str, np.ndarray]) -> Any:
    """What `take_apart` took apart, from numbers [any shape]. ValueError where a record is not ours."""
    if not isinstance(document, dict):
        return document
    ((kind, content),) = document.items()
    if kind == "array":
        return arrays[content]
    if kind == "mapping":
        return {key: put_together(value, arrays) for key, value in content}
    if kind == "tuple":
        return tuple(put_together(value, arrays) for value in content)
    module, name = kind.split(":")
    if not module.startswith(PACKAGE):
        raise ValueError(f"{kind}: expected a record of {PACKAGE}")
    return getattr(sys.modules[module], name)(*(put_together(value, arrays) for value in content))


def _take(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if type(value) in PLAIN:
        return value
    if type(value) is np.ndarray and not value.dtype.hasobject:
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if type(value) is dict and all(type(key) is str for key in value):
        return {"mapping": [[key, _take(one, arrays)] for key, one in value.items()]}
    if type(value) is tuple:
        return {"tuple": [_take(one, arrays) for one in value]}
    kind = type(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields") and kind.__module__.startswith(PACKAGE):
        content: Document = {f"{kind.__module__}:{kind.__qualname__}": [_take(one, arrays) for one in value]}
        return content
    raise TypeError(f"{kind.__name__} is no plain value, array or record")
