"""Numba without scipy.linalg: it loads that for functions that are not used here, which takes a fifth of a short run.

Only while `numba.np.arraymath` is loaded, which asks whether there is a BLAS; functions that call `np.dot` find scipy.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MODULE, HIDDEN = "numba.np.arraymath", "scipy.linalg"
FLAG = "_HAVE_BLAS"
"""Of that module: whether `np.cov` can be compiled."""


def load_numba_quickly() -> None:
    """Arrange it for this process, where neither is loaded yet; for commands, in which no other thread loads scipy."""
    if MODULE not in sys.modules and HIDDEN not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds one module, once, as the other finders do."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The module's own spec, with a loader that hides scipy."""
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Loads the module while scipy is hidden, then has it know whether there is one."""

    def __init__(self, loader: Loader):
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        with _hidden():
            self._loader.exec_module(module)
        if hasattr(module, FLAG):
            setattr(module, FLAG, importlib.util.find_spec("scipy") is not None)


@contextmanager
def _hidden() -> Iterator[None]:
    if HIDDEN in sys.modules:
        yield
        return
    sys.modules[HIDDEN] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[HIDDEN]
