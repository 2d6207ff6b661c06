"""Types of what JSON, YAML and rows of tables hold."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
"""A mapping as JSON or YAML has it: texts, numbers, lists, and mappings of them, by name."""
Fields = Mapping[str, Any]
"""Named values that are only read: a document, or a row of a table."""
Cell = str | float | None
"""A value in a table; None: there is none."""


def copied(document: Document) -> Document:
    """A document whose mappings and lists are new, at any depth."""

    def copy(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: copy(one) for key, one in value.items()}
        return [copy(one) for one in value] if isinstance(value, list) else value

    return {key: copy(value) for key, value in document.items()}
