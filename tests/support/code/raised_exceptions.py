"""Which exceptions leave a function, as far as the source of its module shows.

Counted are `raise X(...)`, calls of functions named `refuse...`, and calls of private functions and methods of the same
module, with what they raise in turn. What an enclosing `try` catches does not leave.
"""

import ast
import builtins
from collections.abc import Iterable, Mapping

from support.code.syntax import Function, last_name

REFUSED = "InputError"
"""What functions named `refuse...` raise, those of other modules too."""


def base_classes(trees: Iterable[ast.Module]) -> dict[str, list[str]]:
    """The names of the base classes of every class in the trees."""
    return {
        node.name: [named for base in node.bases if (named := last_name(base))]
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


class Module:
    """A module's functions by name, and the exceptions that leave them."""

    def __init__(self, tree: ast.Module, bases: Mapping[str, list[str]]) -> None:
        self._bases = bases
        self._private = {
            node.name: node for node in ast.walk(tree) if isinstance(node, Function) and node.name.startswith("_")
        }
        self._open: list[str] = []  # functions that are being looked at

    def leaving(self, function: Function) -> set[str]:
        """Names of the exceptions that leave a function."""
        return self._of_nodes(function.body)

    def _of_nodes(self, nodes: Iterable[ast.AST]) -> set[str]:
        return set().union(*map(self._of_node, nodes))

    def _of_node(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Try):
            caught = [name for handler in node.handlers for name in _caught(handler)]
            inside = {name for name in self._of_nodes(node.body) if not self._is_caught(name, caught)}
            return inside | self._of_nodes([*node.handlers, *node.orelse, *node.finalbody])
        found = self._of_nodes(ast.iter_child_nodes(node))
        if isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if (name := last_name(raised))[:1].isupper():
                found.add(name)
        if isinstance(node, ast.Call):
            found |= self._of_call(node.func)
        return found

    def _of_call(self, called: ast.expr) -> set[str]:
        name = last_name(called)
        if not isinstance(called, ast.Name) and last_name(getattr(called, "value", None)) not in ("self", "cls"):
            return set()
        if name not in self._private:
            return {REFUSED} if name.lstrip("_").startswith("refuse") else set()
        if name in self._open:
            return set()
        self._open.append(name)
        found = self.leaving(self._private[name])
        self._open.pop()
        return found

    def _is_caught(self, name: str, caught: list[str]) -> bool:
        known = getattr(builtins, name, None)
        ancestors = [one.__name__ for one in known.__mro__] if isinstance(known, type) else [name]
        return any(one in caught for one in (*ancestors, "BaseException", "Exception")) or any(
            self._is_caught(base, caught) for base in self._bases.get(name, [])
        )


def _caught(handler: ast.ExceptHandler) -> list[str]:
    """Names of what a handler catches."""
    if handler.type is None:
        return ["BaseException"]
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return [last_name(one) for one in types]
