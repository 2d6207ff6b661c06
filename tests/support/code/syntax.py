"""Python files as syntax trees with their comments."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from support.paths import ROOT

PACKAGES = ("simulator", "workloads", "kernels_ref")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """A file: its path below the root, its syntax tree, its comments by line, and the lines that name `Any`."""

    path: str
    tree: ast.Module
    comments: dict[int, str]
    any_lines: list[int]


def read_sources(root: Path = ROOT, folders: Sequence[str] = PACKAGES) -> list[Source]:
    """All Python files in the folders below `root`."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text("utf-8")
            found.append(read_source(path.relative_to(root).as_posix(), text))
    return found


def read_source(path: str, text: str) -> Source:
    """A file's text as the checks need it."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    any_lines = {token.start[0] for token in tokens if token.type == tokenize.NAME and token.string == "Any"}
    return Source(path, ast.parse(text), comments, sorted(any_lines))


def public_functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Public functions of a module and methods of its public classes, by name; nested ones are left out."""
    for node in _top_level(tree.body):
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in _top_level(node.body):
                if isinstance(method, Function) and not method.name.startswith("_"):
                    yield f"{node.name}.{method.name}", method


def _top_level(nodes: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those below `if` and `try`."""
    for node in nodes:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _top_level([*node.body, *node.orelse])


def last_name(node: ast.expr | None) -> str:
    """`a.b.C` -> `C`; the empty string for what is not a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
