"""Entries of Numba's cache that are damaged, or that cannot be written, never stop a run.

Numba writes an entry as a pickle and loads it without a check: a damaged one raises whatever a pickle raises, or
crashes in machine code; and of two processes that fill an empty cache at once, one may overwrite the entry of another
signature. Here an entry begins with a hash of its bytes and says which signature it is of; one that does not fit is
compiled anew.
A disk that is full, or a folder that cannot be written, costs the time of compiling and nothing else.
"""

import hashlib
import importlib.util
import pickle
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MODULE = "numba.core.caching"
CLASS = "IndexDataCacheFile"
METHODS = "save", "load", "flush", "_save_data", "_load_data", "_dump", "_data_path", "_open_for_write"
"""What is changed or used; a version of Numba without one of them is left as it is."""
DIGEST_BYTES = hashlib.sha256().digest_size


def check_entries() -> None:
    """Have entries checked from now on; Numba is not imported for it."""
    if MODULE in sys.modules:
        replace_class(sys.modules[MODULE])
    elif not any(isinstance(finder, _AfterImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterImport())


def replace_class(caching: ModuleType) -> None:
    """Put a class whose entries are checked in place of Numba's; its methods let Numba's errors pass, as ValueError."""
    plain = getattr(caching, CLASS, None)
    if all(hasattr(plain, name) for name in METHODS) and not hasattr(plain, "checks_entries"):
        setattr(caching, CLASS, _checked(plain))


def _checked(plain: Any) -> Any:
    """The class that reads and writes the entries of a function, with checks."""

    class CheckedFile(plain):  # type: ignore[misc]
        checks_entries = True

        def load(self, key: object) -> object:
            try:
                found = super().load(key)
            except Exception:  # whatever a damaged pickle raises
                return None
            return found[1] if isinstance(found, tuple) and len(found) == 2 and found[0] == repr(key) else None

        def save(self, key: object, data: object) -> None:
            entry = repr(key), data
            try:
                try:
                    super().save(key, entry)
                except OSError:
                    raise
                except Exception:  # a damaged index
                    self.flush()
                    super().save(key, entry)
            except OSError:
                return

        def _save_data(self, name: str, data: object) -> None:
            content = self._dump(data)
            with self._open_for_write(self._data_path(name)) as file:
                file.write(hashlib.sha256(content).digest() + content)

        def _load_data(self, name: str) -> object:
            with open(self._data_path(name), "rb") as file:  # noqa: PTH123 - the path is a text of Numba's
                content = file.read()
            if hashlib.sha256(content[DIGEST_BYTES:]).digest() != content[:DIGEST_BYTES]:
                raise ValueError("the entry is damaged")
            return pickle.loads(content[DIGEST_BYTES:])

    return CheckedFile


class _AfterImport(MetaPathFinder, Loader):
    """Replaces the class once Numba has been imported, by whomever."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - of the protocol
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        replace_class(module)
