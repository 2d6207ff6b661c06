"""What the sources of the packages document, and the words that they use.

    PYTHONPATH=tests python -m support.code.source_code [FOLDER ...] [--root CHECKOUT]

prints each finding as `path:line: message`, then how many there are of each category in each folder. FOLDERs, like
simulator/plots, limit both.
"""

import argparse
import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from support.code.raised_exceptions import Module, base_classes
from support.code.syntax import PACKAGES, Function, Source, last_name, public_functions, read_sources
from support.paths import ROOT

SILENT, SHAPELESS, COMPILED, WORDS = "silent raiser", "array without shape", "compiled without shape", "banned word"
CATEGORIES = (SILENT, SHAPELESS, COMPILED, WORDS)
ANY, SWITCH = "line with Any", "switch on kind"
COUNTED = (ANY, SWITCH)
"""Counted only, and not listed."""

SHAPE = re.compile(r"\[[^\[\]]*\w[^\[\]]*\]")
SCALAR = re.compile(r"\bscalars?\b", re.IGNORECASE)
DTYPE = re.compile(r"\bu?int(8|16|32|64)\b|\bfloat(16|32|64)?\b|\bbool(eans?)?\b|\bintegers?\b|\bnumbers?\b")
BANNED_TEXT = re.compile(r"\b(told|tells?|besides?|so\s+many|of\s+which|an\s+own)\b", re.IGNORECASE)
BANNED_PARTS = {"tell", "tells", "told", "teller", "telling"}
NOT_OURS = "file", "_study"
"""Objects of other packages with a method `tell`."""
NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
KINDS_FOLDER = "workloads/kinds"
KIND_CLASSES = {
    *("CompressedFullyConnected", "CompressedConvolution", "CompressedLstm"),
    *("FullyConnected", "Convolution", "Lstm", "Recipe", "ConvolutionRecipe", "LstmRecipe"),
}
KIND_NAMES = {"convolution", "fully connected", "LSTM"}


class Finding(NamedTuple):
    """A place in the sources and what is wrong there."""

    category: str
    path: str
    line: int
    message: str


def silent_raisers(sources: Sequence[Source]) -> Iterator[Finding]:
    """Public functions whose docstring does not name an exception that leaves them.

    Commands of the command line are exempt: their docstrings are help texts, and `main` prints what they raise.
    """
    bases = base_classes(source.tree for source in sources)
    commands = {command for source in sources for command in _registered_commands(source.tree)}
    for source in sources:
        module = Module(source.tree, bases)
        for name, function in public_functions(source.tree):
            if _is_command(function) or (Path(source.path).stem, name) in commands:
                continue
            text = ast.get_docstring(function) or ""
            missing = [one for one in sorted(module.leaving(function)) if not re.search(rf"\b{one}\b", text)]
            if missing:
                yield Finding(SILENT, source.path, function.lineno, f"{name} raises {', '.join(missing)}")


def arrays_without_shape(sources: Sequence[Source]) -> Iterator[Finding]:
    """Public functions with arrays in their annotations and neither shape nor dtype in docstring or comments."""
    for source in sources:
        for name, function in public_functions(source.tree):
            if not any(_has_array(annotation) for annotation in _annotations(function)):
                continue
            lines = range(function.lineno, function.body[0].lineno)
            text = " ".join([ast.get_docstring(function) or "", *(source.comments.get(line, "") for line in lines)])
            has_shape = SHAPE.search(text) or SCALAR.search(text)
            lacks = [what for what, has in (("shape", has_shape), ("dtype", DTYPE.search(text))) if not has]
            if lacks:
                yield Finding(
                    SHAPELESS, source.path, function.lineno, f"{name} has arrays without {' and '.join(lacks)}"
                )


def compiled_without_shape(sources: Sequence[Source]) -> Iterator[Finding]:
    """Functions compiled by Numba, private ones too, whose docstring gives no shape and does not speak of scalars."""
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, Function) and any(_is_njit(decorator) for decorator in node.decorator_list):
                text = ast.get_docstring(node)
                if text is None:
                    yield Finding(COMPILED, source.path, node.lineno, f"{node.name} is compiled and has no docstring")
                elif not SHAPE.search(text) and not SCALAR.search(text):
                    yield Finding(COMPILED, source.path, node.lineno, f"{node.name} is compiled and has no shapes")


def banned_words(sources: Sequence[Source]) -> Iterator[Finding]:
    """Words that we avoid: in identifiers where they are defined, and in comments, docstrings and other strings."""
    for source in sources:
        found = {(line, f"the identifier {name}") for line, name in _identifiers(source.tree) if _is_banned(name)}
        for begin, text in [*source.comments.items(), *_strings(source.tree)]:
            for match in BANNED_TEXT.finditer(text):
                found.add((begin + text[: match.start()].count("\n"), f'"{" ".join(match[0].split())}"'))
        yield from (Finding(WORDS, source.path, line, message) for line, message in sorted(found))


def lines_with_any(sources: Sequence[Source]) -> Iterator[Finding]:
    """Lines of code that name the type Any."""
    for source in sources:
        yield from (Finding(ANY, source.path, line, "Any") for line in source.any_lines)


def switches_on_kind(sources: Sequence[Source]) -> Iterator[Finding]:
    """Lines outside of the kinds' own folder that decide by the kind of a layer."""
    for source in sources:
        if not source.path.startswith(KINDS_FOLDER):
            lines = {node.lineno for node in ast.walk(source.tree) if _decides_by_kind(node)}
            yield from (Finding(SWITCH, source.path, line, "decides by kind") for line in sorted(lines))


CHECKS = (silent_raisers, arrays_without_shape, compiled_without_shape, banned_words, lines_with_any, switches_on_kind)


def _annotations(function: Function) -> Iterator[ast.expr]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    yield from (one.annotation for one in every if one is not None and one.annotation is not None)
    if function.returns is not None:
        yield function.returns


def _has_array(annotation: ast.expr) -> bool:
    return "ndarray" in ast.unparse(annotation)


def _is_njit(decorator: ast.expr) -> bool:
    return last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) == "njit"


def _is_command(function: Function) -> bool:
    """Whether a function is decorated with `@app.command(...)` or `@app.callback(...)`."""
    calls = [decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call)]
    return any(last_name(call) in ("command", "callback") for call in calls)


def _registered_commands(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and function of each row `"NAME": "MODULE:FUNCTION"` of a table COMMANDS."""
    for node in ast.walk(tree):
        rows = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and last_name(node.targets[0]) == "COMMANDS" and isinstance(rows, ast.Dict):
            for row in rows.values:
                module, _, function = ast.literal_eval(row).partition(":")
                yield module, function


def _identifiers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of what is defined, imported, passed by keyword or an attribute, but for `tell` of NOT_OURS."""
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg is not None):
            yield node.lineno, str(node.arg)
        elif isinstance(node, ast.Attribute) and not (node.attr == "tell" and last_name(node.value) in NOT_OURS):
            yield node.end_lineno or node.lineno, node.attr
        elif isinstance(node, ast.alias):
            yield node.lineno, node.asname or node.name
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
            yield node.lineno, node.name


def _is_banned(name: str) -> bool:
    return any(part.lower() in BANNED_PARTS for part in NAME_PART.findall(name))


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _decides_by_kind(node: ast.AST) -> bool:
    """Whether a node looks at the class or the name of a layer's kind; `kind == CONSTANT` is about other kinds."""
    if isinstance(node, ast.Call) and last_name(node.func) == "isinstance":
        return any(last_name(one) in KIND_CLASSES for one in ast.walk(node.args[1]))
    if isinstance(node, ast.MatchClass):
        return last_name(node.cls) in KIND_CLASSES
    if isinstance(node, ast.Compare):
        sides = [one for side in (node.left, *node.comparators) for one in _elements(side)]
        constants = [one.value for one in sides if isinstance(one, ast.Constant)]
        is_equal = isinstance(node.ops[0], ast.Eq) and last_name(node.left) == "kind" and not constants
        return not KIND_NAMES.isdisjoint(constants) or (is_equal and not last_name(node.comparators[0]).isupper())
    return False


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]


def _folder(path: str) -> str:
    return "/".join(path.split("/")[:-1][:3])


def main() -> None:
    """Print the findings, and a table of how many there are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", default=PACKAGES, metavar="FOLDER")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="CHECKOUT")
    options = parser.parse_args()
    sources = read_sources(options.root)
    wanted = tuple(f"{folder.rstrip('/')}/" for folder in options.folders)
    found = [one for check in CHECKS for one in check(sources) if f"{one.path}/".startswith(wanted)]
    for one in found:
        if one.category not in COUNTED:
            print(f"{one.path}:{one.line}: {one.category}: {one.message}")
    categories = (*CATEGORIES, *COUNTED)
    counts = Counter((_folder(one.path), one.category) for one in found)
    rows = [(folder, [counts[folder, one] for one in categories]) for folder in sorted({key for key, _ in counts})]
    rows.append(("total", [sum(column) for column in zip(*(row for _, row in rows), strict=True)]))
    print(f"\n{'':30}" + "".join(f"{category:>24}" for category in categories))
    for folder, row in rows:
        print(f"{folder:30}" + "".join(f"{count:>24}" for count in row))


if __name__ == "__main__":
    main()
