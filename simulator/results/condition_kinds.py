"""Kinds of what a condition compares: numbers with numbers, texts with texts; all else is refused before a row is read.

A kind is what a value is: `NUMBER`, `TRUTH`, `TEXT`, `NOTHING` (None) or `LIST`. A column has the kinds of its values;
one without values, or with values of several kinds, is compared with what at least one of them allows.
"""

import ast
from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from workloads.errors import refuse
from workloads.yaml_files import shorten

NUMBER, TRUTH, TEXT, NOTHING, LIST = "number", "truth", "text", "nothing", "list"
WANTED = {NUMBER: "a number", TRUTH: "True or False", TEXT: "a text in quotes"}
HELD = {NUMBER: "numbers", TRUTH: "True and False", TEXT: "texts"}
Kinds = frozenset[str]
UNKNOWN: Kinds = frozenset()
EQUALITY = (ast.Eq, ast.NotEq)
MEMBERSHIP = (ast.In, ast.NotIn)


class Side(NamedTuple):
    """One side of a comparison: its text, whether it is a column, and the kinds that it can be."""

    node: ast.expr
    column: bool
    kinds: Kinds
    items: tuple["Side", ...] = ()  # of a list

    @property
    def text(self) -> str:
        """As the user wrote it, or nearly."""
        return shorten(ast.unparse(self.node), 60)

    def describe(self) -> str:
        """`pes, a column of numbers,`, `the text 'abc'` or `pes + 1`."""
        if self.column:
            return f"{self.text}, a column of {' and '.join(HELD[kind] for kind in sorted(self.kinds))},"
        if isinstance(self.node, ast.Constant) and isinstance(self.node.value, str):
            return f"the text {self.text}"
        return self.text

    def families(self) -> Kinds:
        """The kinds that can be compared with each other; True and False are numbers."""
        return frozenset(NUMBER if kind == TRUTH else kind for kind in self.kinds)


class KindCheck:
    """Refuses comparisons that no row can fulfil as its values are of other kinds (InputError).

    where: what the sentence begins with. columns: the kinds of each column that the condition names, without `NOTHING`.
    """

    def __init__(self, where: str, columns: Mapping[str, Kinds]):
        self._where, self._columns = where, columns

    def check(self, node: ast.expr) -> Side:
        """What a part of a condition is, its own parts checked. InputError where kinds do not fit."""
        name = dotted(node)
        if name is not None:
            return Side(node, True, self._columns.get(name, UNKNOWN))
        if isinstance(node, ast.Constant):
            return Side(node, False, frozenset([kind_of_value(node.value)]))
        parts = tuple(self.check(one) for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr))
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return Side(node, False, frozenset([LIST]), parts)
        if isinstance(node, ast.BinOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)):
            return Side(node, False, self._calculation(node, parts))
        if isinstance(node, ast.Compare):
            for place, operation in enumerate(node.ops):
                self._pair(parts[place], operation, parts[place + 1])
        return Side(node, False, frozenset([TRUTH]))

    def _calculation(self, node: ast.BinOp | ast.UnaryOp, parts: tuple[Side, ...]) -> Kinds:
        """The kind of what is calculated: a number of numbers, or a text of two texts that are put together."""
        known = [part for part in parts if part.kinds]
        if known and isinstance(node.op, ast.Add) and all(TEXT in part.kinds for part in known):
            return frozenset([TEXT])
        for part in known:
            if NUMBER not in part.families():
                refuse(self._where, f"{part.describe()} is part of {shorten(ast.unparse(node), 60)}", "numbers there")
        return frozenset([NUMBER])

    def _pair(self, left: Side, operation: ast.cmpop, right: Side) -> None:
        """Refuse two sides whose kinds do not fit the comparison."""
        if isinstance(operation, MEMBERSHIP):
            self._member(left, right)
            return
        one, other = left.families(), right.families()
        if NOTHING in one | other:
            if not isinstance(operation, EQUALITY):
                refuse(self._where, "None is neither less nor greater than anything", "== None or != None")
        elif one and other and not one & other:
            self._misfit(left, right)

    def _member(self, left: Side, right: Side) -> None:
        """Refuse `in` where the right side is neither a list of such values nor a text that may hold the left one."""
        if LIST in right.kinds:
            for item in right.items if LIST not in left.kinds else ():
                self._pair(left, ast.Eq(), item)
        elif right.kinds and TEXT not in right.kinds:
            refuse(self._where, f"{right.describe()} follows in", "a list, such as [1, 2]")
        elif right.kinds and left.kinds and TEXT not in left.kinds:
            self._misfit(left, right)

    def _misfit(self, left: Side, right: Side) -> NoReturn:
        """Refuse a comparison of two kinds: what they are, and what would fit the only column, if there is one."""
        column, other = (right, left) if right.column else (left, right)
        expected = "two numbers or two texts"
        if column.column and not other.column:
            expected = " or ".join(WANTED[kind] for kind in sorted(column.kinds))
        refuse(self._where, f"{column.describe()} is compared with {other.describe().removesuffix(',')}", expected)


def kind_of_value(value: object) -> str:
    """The kind of a single value."""
    if value is None:
        return NOTHING
    return TEXT if isinstance(value, str) else TRUTH if isinstance(value, bool) else NUMBER


def dotted(node: ast.expr) -> str | None:
    """`counts.entries` as one name; None where it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = dotted(node.value)
        return None if above is None else f"{above}.{node.attr}"
    return None
