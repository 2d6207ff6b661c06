"""Numba without the settings of whoever owns the folder that a program runs in, or of an environment of nonsense.

Numba reads `.numba_config.yaml` of the current folder when it is imported, with a loader that may run any code.
"""

import importlib.util
import os
import re
import sys
import warnings
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

MODULE, READER = "numba.core.config", "yaml"
THREADS = "NUMBA_NUM_THREADS"


def ignore_settings() -> None:
    """Arrange it for this process, where Numba is not loaded yet."""
    if not re.fullmatch("[1-9][0-9]{0,3}", os.environ.get(THREADS, "1")):
        del os.environ[THREADS]
    if MODULE not in sys.modules:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds one module, once, as the other finders do."""

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The module's own spec, with a loader that hides the reader of YAML."""
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Loads the module as where no reader of YAML is installed."""

    def __init__(self, loader: Loader):
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        before = sys.modules.get(READER)
        sys.modules[READER] = None  # type: ignore[assignment]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the reader that is missing
                self._loader.exec_module(module)
        finally:
            del sys.modules[READER]
            if before is not None:
                sys.modules[READER] = before
