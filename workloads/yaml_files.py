"""YAML documents: reading, writing, and errors as one sentence."""

import gc
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from workloads.document_types import Document
from workloads.errors import InputError
from workloads.regular_files import check_regular

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
LONGEST_SHOWN = 60
"""Characters of a user's value that an error message shows."""
KEY = "[key]"
"""What pydantic calls the key of a mapping in the place of an error."""
LONGEST_LINE = 120
"""Characters of a line in a written document."""
MOST_PARTS = 1_000_000
"""Values of a document, references followed."""
MOST_BITS = 1000
"""Bits of an integer in a document."""
LONGEST_NUMBER = 5000
"""Characters of a number in a document: more take a time that grows with their square."""
OTHER_BASE = re.compile(r"[-+]?0[0-9_]|.*:")
Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader compiled with libyaml, several times as fast, where PyYAML has it."""


class Strict(BaseModel):
    """A part of a document: unknown keys are refused, and no value is converted to another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


class OtherBaseError(ValueError):
    """A number of a document in base 8 or 60 to some readers of YAML, in base 10 or a text to others; at `node`."""

    def __init__(self, node: yaml.ScalarNode):
        super().__init__(node.value)
        self.node = node


class Loader(Base):  # type: ignore[misc]
    """Reads plain data; a key may occur once only, and `1e-3` is a number (as in YAML 1.2)."""

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """Return the number; `OtherBaseError` where it is in base 60. ValueError where it has too many characters."""
        _check_length(node)
        if ":" in node.value:
            raise OtherBaseError(node)
        number: float = super().construct_yaml_float(node)
        return number

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping of a node; yaml.YAMLError where a key occurs twice, or where it is no mapping."""
        if not isinstance(node, yaml.MappingNode):  # as of `!!set [a]`
            raise yaml.YAMLError(f"a {node.id} has the tag of a mapping, near line {node.start_mark.line + 1}")
        known = set[str]()
        for key, _ in node.value:
            text = str(key.value)  # a key may be a list of nodes, which has no hash
            if text in known:
                raise yaml.YAMLError(f"the key {text} occurs twice, near line {key.start_mark.line + 1}")
            known.add(text)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


Loader.add_constructor("tag:yaml.org,2002:float", Loader.construct_yaml_float)


def _check_length(node: yaml.ScalarNode) -> None:
    """ValueError where a number has more than LONGEST_NUMBER characters."""
    if len(node.value) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(node.value)} characters")


def _integer(loader: Loader, node: yaml.ScalarNode) -> int:
    """An integer; `OtherBaseError` where it has a leading zero or colons.

    ValueError where it has more than MOST_BITS bits, too many for Python to print.
    """
    _check_length(node)
    if OTHER_BASE.match(node.value):
        raise OtherBaseError(node)
    number: int = loader.construct_yaml_int(node)
    if number.bit_length() > MOST_BITS:
        raise ValueError(f"an integer of {number.bit_length()} bits")
    return number


Loader.add_constructor("tag:yaml.org,2002:int", _integer)


class Dumper(yaml.SafeDumper):
    """Writes plain data without references; text that `Loader` would read as a number is quoted."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        """Return True: a value that occurs twice is written twice."""
        return True


for handler in (Loader, Dumper):
    handler.add_implicit_resolver(
        "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
    )


def dump_yaml(content: Document) -> str:
    """Write a mapping as YAML; `parse_yaml` reads it back, floats to the last bit."""
    return yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=LONGEST_LINE)


def parse_yaml(source: object, text: str) -> Document:
    """Parse a YAML mapping with text keys; InputError about `source` where the text is anything else."""
    try:
        content = _load(text)
    except OtherBaseError as error:
        key = ".".join(_path_to(error.node, yaml.compose(text, Loader))) or "it"
        raise InputError(
            f"{source}: {key} is {shorten(str(error), LONGEST_SHOWN)}; expected a number in base 10, no zero before it"
        ) from None
    except (
        yaml.YAMLError,
        ValueError,
        RecursionError,
        LookupError,
        AttributeError,
        TypeError,
        OverflowError,
    ) as error:  # `!!bool x` is a KeyError
        reason = shorten(" ".join(str(error).split()), 200)
        raise InputError(f"{source}: it is no YAML ({reason}); expected a mapping") from None
    if content is None:
        raise InputError(f"{source}: it is empty; expected a mapping")
    if not isinstance(content, dict):
        raise InputError(f"{source}: it holds {type(content).__name__}; expected a mapping")
    for key in content:
        if not isinstance(key, str):
            raise InputError(f"{source}: its key {key!r} is no text; expected text keys")
    return content


def _load(text: str) -> object:
    """What a text holds. ValueError where references make more of it than MOST_PARTS parts.

    Nothing that is made here is garbage before the end; looking for it would take most of the time of a large text.
    """
    loader, collects = Loader(text), gc.isenabled()
    gc.disable()
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if "&" in text and _parts(node, {}) > MOST_PARTS:  # only with a reference it is more than the text is
            raise ValueError(f"its references make more than {MOST_PARTS} parts")
        return loader.construct_document(node)
    finally:
        loader.dispose()
        if collects:
            gc.enable()


def _path_to(wanted: yaml.Node, node: yaml.Node | None) -> Iterator[str]:
    """The keys and places that lead from a node to the part of it that is where `wanted` is in the text."""
    if isinstance(node, yaml.MappingNode):
        parts = [(str(key.value), value) for key, value in node.value]
    else:
        within = node.value if isinstance(node, yaml.SequenceNode) else []
        parts = [(str(place), value) for place, value in enumerate(within)]
    for name, part in parts:
        if part.start_mark.index <= wanted.start_mark.index < part.end_mark.index:
            yield name
            yield from _path_to(wanted, part)
            return


def _parts(node: yaml.Node, known: dict[int, int]) -> int:
    """How many parts a node has with its references followed; one that holds itself has more than any other.

    known: the parts of nodes that have been counted, by their identity.
    """
    if id(node) not in known:
        known[id(node)] = MOST_PARTS + 1
        within = node.value if isinstance(node, yaml.CollectionNode) else ()
        children = [part for one in within for part in (one if isinstance(one, tuple) else (one,))]
        known[id(node)] = 1 + sum(_parts(child, known) for child in children)
    return known[id(node)]


def read_text(path: Path, expected: str) -> str:
    """Read a text file in UTF-8; InputError where it cannot be read, which names what was `expected`."""
    try:
        return check_regular(path, expected).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: it cannot be read ({error}); expected {expected}") from None


def validation_sentence(where: str, model: type[BaseModel], error: ValidationError) -> str:
    """Return pydantic's first error as one sentence: where, key, value, and what was expected."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != KEY) or "it"
    if first["type"] == "missing":
        return f"{where}: {key} is missing; expected a value"
    if first["type"] == "extra_forbidden":
        return f"{where}: {key} is an unknown key; expected {_known_keys(model, first['loc'][:-1])}"
    if first["type"] == "json_invalid":
        return f"{where}: it cannot be read ({first['msg'][:1].lower()}{first['msg'][1:]}); expected JSON"
    expected = _expected(first["type"], first["msg"], first.get("ctx", {}))
    if first["type"] in ("model_type", "model_attributes_type", "dict_type"):
        expected = f"a mapping with {_known_keys(model, first['loc'])}"
    if first["loc"][-1:] == (KEY,):  # a key that the reader has a list of
        return f"{where}: {key} is an unknown key; expected {expected}"
    shown = "a mapping" if isinstance(first["input"], dict) else shorten(repr(first["input"]), LONGEST_SHOWN)
    return f"{where}: {key} is {shown}; expected {expected[:1].lower()}{expected[1:]}"


def _expected(kind: str, message: str, limits: Mapping[str, Any]) -> str:
    """What pydantic expects, in words that fit after "expected"."""
    if kind == "too_short":
        return f"a list of {limits['min_length']} or more"
    for begin in ("Input should be ", "Value error, ", "String should have "):
        message = message.removeprefix(begin)
    return message


def shorten(text: str, longest: int) -> str:
    """Return the text, cut after `longest` characters."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def _known_keys(model: Any, path: tuple[int | str, ...]) -> str:
    """The keys of the part of a document at `path`."""
    for part in path:
        model = model.__args__[-1] if isinstance(model, GenericAlias) else model.model_fields[part].annotation
        if isinstance(model, UnionType):  # of a part that may be left out
            model = next(one for one in model.__args__ if one is not NoneType)
    if isinstance(model, GenericAlias) or not hasattr(model, "model_fields"):
        return "names of your choice"
    return ", ".join(model.model_fields)
