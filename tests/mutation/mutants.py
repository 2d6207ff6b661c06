"""The faults that can be put into a source: other operators, other constants, statements left out."""

import ast
import hashlib
from collections.abc import Iterator
from typing import NamedTuple

OPERATORS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """One fault in one place of a file."""

    path: str  # from the root of the checkout
    line: int
    before: str
    after: str
    source: str  # of the whole file, with the fault

    @property
    def id(self) -> str:
        """The same for the same fault in the same file's text."""
        return hashlib.sha256(f"{self.path}\0{self.source}".encode()).hexdigest()[:12]


def mutants(path: str, source: str) -> list[Mutant]:
    """All faults of a file, in the order of their places."""
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found, content = [], source.encode()
    for node, other in _changes(ast.parse(source)):
        begin = lines[node.lineno - 1] + node.col_offset
        end = lines[node.end_lineno - 1] + node.end_col_offset
        before, after = content[begin:end].decode(), ast.unparse(other)
        if isinstance(other, ast.expr):
            after = f"({after})"
        changed = (content[:begin] + after.encode() + content[end:]).decode()
        found.append(Mutant(path, node.lineno, before, after, changed))
    return found


def _changes(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Nodes, each with what is put in its place; annotations, docstrings and decorators stay as they are."""
    for node in _code(tree):
        match node:
            case ast.Compare(left, [operator], right) if type(operator) in OPERATORS:
                yield node, ast.Compare(left, [OPERATORS[type(operator)]()], right)
            case ast.BinOp(left, operator, right) if type(operator) in OPERATORS and not _text(left, right):
                yield node, ast.BinOp(left, OPERATORS[type(operator)](), right)
            case ast.BoolOp(operator, values):
                yield node, ast.BoolOp(OPERATORS[type(operator)](), values)
            case ast.UnaryOp(ast.Not(), operand):
                yield node, operand
            case ast.Constant(bool() as value):
                yield node, ast.Constant(not value)
            case ast.Constant(int() as value):
                yield node, ast.Constant(value + 1)
            case ast.Call(ast.Name(name), arguments, keywords) if name in CALLS:
                yield node, ast.Call(ast.Name(CALLS[name]), arguments, keywords)
            case ast.AugAssign() | ast.Expr(ast.Call()):
                yield node, ast.Pass()


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that do something when the module runs."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(
                child, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert
            ):
                yield from _code(child)


def _text(*nodes: ast.AST) -> bool:
    """Whether one of the operands is a text, whose joining has no other operator."""
    return any(
        isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str))
        for one in nodes
    )
