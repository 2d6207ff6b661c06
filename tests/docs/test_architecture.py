"""The page of the architecture: its drawing agrees with the imports of the code, and moved files are where it says."""

import ast
import re
from itertools import chain

from support.code.syntax import PACKAGES, read_sources
from support.paths import ROOT

from docs.generate.packages import LATE, ROWS

FOLDERS = (".", *PACKAGES, "simulator/machines", "simulator/machines/*")
"""Where paths on the page of decisions begin."""
DECISIONS = (ROOT / "docs" / "decisions.md").read_text("utf-8")
MOVED = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.M)


def module_of(words):
    """The package or module that a box of the drawing is about."""
    name = words.split("/")[0].removesuffix(".py")
    folder = next((one for one in PACKAGES if (ROOT / one / name).is_dir()), None)
    return f"{folder}.{name}" if folder else name


PLACES = {module_of(words): row for row, boxes in enumerate(ROWS) for words in boxes}
"""Package -> its row in the drawing."""


def drawn(module):
    """The package in the drawing that a module belongs to; None for a module that is in no package."""
    name = ".".join(module.split(".")[:2])
    return next((one for one in (name, module.split(".")[0]) if one in PLACES), None)


def imports(node, late=False):
    """(module, whether a function imports it when it is called), without what only types need."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.ImportFrom) and child.module:
            yield from ((f"{child.module}.{name.name}", late) for name in child.names)
        elif isinstance(child, ast.Import):
            yield from ((name.name, late) for name in child.names)
        yield from imports(child, late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def test_every_package_is_in_the_drawing():
    packages = {
        f"{folder}.{path.parent.name}"
        for folder in ("simulator", "workloads")
        for path in (ROOT / folder).glob("*/__init__.py")
    }
    boxes = [module_of(words) for words in chain(*ROWS)]
    assert set(boxes) == packages | {"zeroskip", "workloads.model", "kernels_ref"}
    assert len(boxes) == len(set(boxes))


def test_imports_point_downwards_but_for_those_that_the_drawing_names():
    upwards, number = set(), 0
    for source in read_sources():
        importer = drawn(source.path.removesuffix(".py").replace("/", "."))
        for module, late in imports(source.tree):
            imported = drawn(module)
            if importer is None or imported is None:
                continue
            number += 1
            if PLACES[imported] < PLACES[importer]:
                upwards.add((importer, imported, late))
    assert number > 1000
    assert upwards == {(*pair, True) for pair in LATE}


def expand(path):
    """`a/{b,c}.py` -> `a/b.py`, `a/c.py`."""
    if braces := re.search(r"\{([^{}]*)\}", path):
        return [one for part in braces[1].split(",") for one in expand(path.replace(braces[0], part, 1))]
    return [path]


def test_braces_are_expanded():
    assert expand("a/{b,c}/{d,e/f}.py") == ["a/b/d.py", "a/b/e/f.py", "a/c/d.py", "a/c/e/f.py"]


def test_moved_files_are_where_the_table_says():
    rows = MOVED.findall(DECISIONS)
    assert len(rows) > 150
    for old, now in rows:
        paths = [path for quoted in re.findall(r"`([^`]+)`", now) for path in expand(quoted.split(" ")[0])]
        assert paths, old
        for path in paths:
            assert list(ROOT.glob(path.rstrip("/"))), f"{old}: {path}"


def test_files_that_the_decisions_name_exist():
    """Paths from the root or from a package; the table, which has old names, aside."""
    paths = re.findall(r"`([\w./*-]+/[\w./*-]+\.\w+)`", MOVED.sub("", DECISIONS))
    assert len(paths) > 10
    for path in paths:
        assert any(list(ROOT.glob(f"{folder}/{path}")) for folder in FOLDERS), path
