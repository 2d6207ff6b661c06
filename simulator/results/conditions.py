"""Conditions on rows: comparisons of columns, numbers and words, joined by and, or, not. Nothing else is evaluated."""

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from simulator.results.condition_kinds import KindCheck, Kinds, dotted
from workloads.document_types import Fields
from workloads.errors import refuse
from workloads.yaml_files import shorten

Term = Callable[[Fields], Any]
Operation = Callable[[Any, Any], Any]
COMPARISONS: dict[type[ast.cmpop], Operation] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, among: value in among,
    ast.NotIn: lambda value, among: value not in among,
}
ARITHMETIC: dict[type[ast.operator], Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
EXPECTED = "comparisons such as pes >= 64 and workload == 'alexnet-fc7', with and, or, not, in, +, -, *, /, %"


class Condition:
    """A parsed condition. A row that lacks a column, or whose values cannot be compared, does not fulfil it."""

    def __init__(self, text: str, columns: Collection[str]):
        if not isinstance(text, str):
            refuse("where", f"it is {shorten(repr(text), 60)}", f"a text with {EXPECTED}")
        self._where = f"where {shorten(text, 60)}"
        self._columns = columns
        self.named: dict[str, None] = {}
        """The columns that it names, each once."""
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
            self._term = self._build(self._tree)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, ValueError) and str(error).startswith(self._where):
                raise
            refuse(self._where, "it is no condition", EXPECTED)

    def check_kinds(self, kinds: Mapping[str, Kinds]) -> None:
        """Refuse a comparison of a number with a text, which no row fulfils (InputError names the column and its kind).

        kinds: of the values of each column that it names.
        """
        try:
            KindCheck(self._where, kinds).check(self._tree)
        except RecursionError:
            refuse(self._where, "it is no condition", EXPECTED)

    def __call__(self, row: Fields) -> bool:
        """Whether a row fulfils the condition."""
        try:
            return bool(self._term(row))
        except (TypeError, ZeroDivisionError, OverflowError):
            return False

    def value(self, row: Fields) -> Any:
        """What the text gives for a row, where it is a calculation such as `energy_uj / time_us`; None without one."""
        try:
            return self._term(row)
        except (TypeError, ZeroDivisionError, OverflowError):
            return None

    def _build(self, node: ast.expr) -> Term:
        name = dotted(node)
        if name is not None:
            return self._column(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | None):
            value = node.value
            return lambda _: value
        if isinstance(node, ast.BoolOp):
            terms, enough = [self._build(one) for one in node.values], isinstance(node.op, ast.Or)
            return lambda row: any(_holds(t, row) for t in terms) if enough else all(_holds(t, row) for t in terms)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            inner, negate = self._build(node.operand), isinstance(node.op, ast.Not)
            return lambda row: not _holds(inner, row) if negate else -inner(row)
        if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
            return _binary(ARITHMETIC[type(node.op)], self._build(node.left), self._build(node.right))
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            items = [self._build(one) for one in node.elts]
            return lambda row: [one(row) for one in items]
        if not isinstance(node, ast.Compare) or not all(type(op) in COMPARISONS for op in node.ops):
            refuse(self._where, f"{shorten(ast.unparse(node), 60)} is no part of a condition", EXPECTED)
        return self._compare(node)

    def _compare(self, node: ast.Compare) -> Term:
        """`a < b <= c` as in Python."""
        terms = [self._build(one) for one in (node.left, *node.comparators)]
        operators = [COMPARISONS[type(op)] for op in node.ops]

        def compare(row: Fields) -> bool:
            values = [term(row) for term in terms]
            return all(op(values[place], values[place + 1]) for place, op in enumerate(operators))

        return compare

    def _column(self, name: str) -> Term:
        check_column(self._where, name, self._columns)
        self.named[name] = None
        return lambda row: row.get(name)


def check_column(where: str, name: str, columns: Collection[str]) -> None:
    """InputError where a name is no column."""
    if name not in columns:
        near = get_close_matches(name, columns, 3) or list(columns)[:8]
        refuse(where, f"{shorten(name, 60)} is no column", f"one such as {', '.join(near)}")


def _holds(term: Term, row: Fields) -> bool:
    """A part that cannot be compared does not hold, whatever its neighbours do."""
    try:
        return bool(term(row))
    except (TypeError, ZeroDivisionError, OverflowError):
        return False


def _binary(operation: Operation, left: Term, right: Term) -> Term:
    """A calculation with numbers; texts are put together, and neither repeated nor formatted."""

    def calculate(row: Fields) -> Any:
        one, other = left(row), right(row)
        joined = operation is operator.add and isinstance(one, str) and isinstance(other, str)
        if not joined and (isinstance(one, str | list) or isinstance(other, str | list)):
            raise TypeError("only numbers can be calculated with")
        return operation(one, other)

    return calculate
