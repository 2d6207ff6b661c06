"""What other packages add to our tables, by entry points: machines, kinds, number formats, sources, studies."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, distributions, entry_points
from typing import TypeVar

from workloads.errors import InputError, Interrupted, refuse

T = TypeVar("T")


def with_plugins(ours: Iterable[T], group: str, wanted: type[T]) -> dict[str, T]:
    """Our objects and those that installed packages name under the entry points `group`, by their `name`.

    InputError names the entry point where it cannot be imported, is no `wanted`, or has no name or one that is taken.
    """
    found = {_name(one): one for one in ours}
    for point in installed().select(group=group):
        one = _load(point, wanted)
        name = _name(one)
        if not isinstance(name, str) or not name:
            raise InputError(f"{_describe(point)}: its name is {name!r}; expected a word")
        if name in found:
            raise InputError(f"{_describe(point)}: its name is {name!r}, which is taken; expected another one")
        found[name] = one
    return found


def has_plugins(group: str) -> bool:
    """Whether installed packages name any objects under the entry points `group`; nothing is imported."""
    return bool(installed().select(group=group))


@cache
def installed() -> EntryPoints:
    """Those of all installed packages: to find them takes tens of milliseconds.

    InputError names the packages whose entry points cannot be read.
    """
    try:
        found: EntryPoints = entry_points()  # type: ignore[assignment] # until Python 3.12 they may be called otherwise
    except Exception as error:  # of a file that is damaged: no UTF-8, no lines of names
        refuse("entry points", f"those of {_damaged()} cannot be read ({error})", "packages that are installed whole")
    return found


def _damaged() -> str:
    """The packages whose entry points cannot be read."""
    names = []
    for package in distributions():
        try:
            list(package.entry_points)
        except Exception:
            names.append(str(getattr(package, "_path", package)))
    return " and ".join(names) or "a package"


def _name(one: object) -> str:
    return getattr(one, "name", "")


def _describe(point: EntryPoint) -> str:
    return f"entry point {point.name} = {point.value}"


def _load(point: EntryPoint, wanted: type[T]) -> T:
    """Another package's object. InputError names the entry point whatever its import raises, but for Ctrl-C."""
    described = _describe(point)
    article = "an" if wanted.__name__[0] in "AEIOU" else "a"
    if not EntryPoint.pattern.match(point.value):
        raise InputError(f"{described}: it is no name of an object; expected MODULE:OBJECT")
    try:
        found = point.load()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | Interrupted):
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{described}: {reason}; expected {article} {wanted.__name__}") from error
    if not isinstance(found, wanted):
        raise InputError(f"{described}: it is {found!r}; expected {article} {wanted.__name__}")
    return found
