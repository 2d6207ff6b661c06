"""Changes of mappings and lists, and of the JSON or YAML that holds them."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

from .values import like, wild

MOST_TEXT, FILLED = 900_000, 0.01
"""Characters of a text that is filled, and the share of such texts."""


def change_tree(tree: Any, rng: Random) -> Any:
    """Up to three changes of a copy: values, keys, places, parts that are dropped, copied, nested or exchanged."""
    whole = [copy.deepcopy(tree)]
    for _ in range(rng.choice([1, 1, 2, 3])):
        places = list(_places(whole))
        rng.choice(CHANGES)(whole, places, rng)
    return whole[0]


def _places(tree: Any, depth: int = 0) -> Any:
    """Each part of a tree as what holds it and its key there."""
    if depth > 40:
        return
    keys = range(len(tree)) if isinstance(tree, list) else list(tree) if isinstance(tree, dict) else ()
    for key in keys:
        yield tree, key
        yield from _places(tree[key], depth + 1)


def _scalars(places: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [(holder, key) for holder, key in places if not isinstance(holder[key], dict | list)]


def _replace(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    holder, key = rng.choice(_scalars(places) or places)
    holder[key] = like(holder[key], rng)


def _replace_any(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    holder, key = rng.choice(places)
    holder[key] = wild(rng)


def _drop(whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    holder, key = rng.choice(places)
    if holder is not whole:
        del holder[key]


def _rename(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    named = [(holder, key) for holder, key in places if isinstance(holder, dict)]
    if named:
        holder, key = rng.choice(named)
        others = [other for _, other in named] or [key]
        new = rng.choice(others) if rng.random() < 0.5 else like(key, rng)
        if isinstance(new, str | int | float | bool | None):
            holder[new] = holder.pop(key)


def _copy_over(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    holder, key = rng.choice(places)
    other, place = rng.choice(places)
    holder[key] = copy.deepcopy(other[place])


def _repeat(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    lists = [holder[key] for holder, key in places if isinstance(holder[key], list) and holder[key]]
    if lists:
        one = rng.choice(lists)
        one.extend(copy.deepcopy([rng.choice(one) for _ in range(rng.choice([1, 2, 100]))]))


def _nest(_whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    holder, key = rng.choice(places)
    for _ in range(rng.choice([1, 2, 30])):
        holder[key] = [holder[key]] if rng.random() < 0.5 else {"a": holder[key]}


CHANGES: list[Callable[[list[Any], list[tuple[Any, Any]], Random], None]] = [
    _replace, _replace, _replace, _replace, _replace, _replace_any, _drop, _drop, _rename, _copy_over, _repeat, _nest,
]  # fmt: skip


def _fill(whole: list[Any], places: list[tuple[Any, Any]], rng: Random) -> None:
    """One list or mapping gets thousands of its parts again, until the whole has about MOST_TEXT characters."""
    filled = [holder[key] for holder, key in places if isinstance(holder[key], list | dict) and holder[key]]
    if not filled:
        return
    one, room = rng.choice(filled), MOST_TEXT - len(json.dumps(whole))
    if isinstance(one, list):
        part = rng.choice(one)
        one.extend([part] * (room // (len(json.dumps(part)) + 2)))
        return
    key = rng.choice(list(one))
    for number in range(room // (len(json.dumps(one[key])) + 16)):
        one[f"{str(key)[:4]}{number}"] = one[key]


def fill_json(data: bytes, rng: Random) -> bytes:
    """A text of nearly a megabyte, in few inputs: it takes seconds; else one that is changed. JSON is YAML as well."""
    if rng.random() > FILLED:
        return change_json(data, rng)
    whole = [yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))]
    _fill(whole, list(_places(whole)), rng)
    return json.dumps(whole[0]).encode("utf-8", "surrogatepass")


def change_json(data: bytes, rng: Random) -> bytes:
    """Of a JSON text; NaN and infinities are written as Python does. The bytes themselves where it is none."""
    try:
        tree = json.loads(data)
    except ValueError:
        return data[::-1]
    return json.dumps(change_tree(tree, rng)).encode("utf-8", "surrogatepass")


def change_yaml(data: bytes, rng: Random) -> bytes:
    """Of a YAML text, also as JSON, which is YAML. The bytes themselves where it is none."""
    try:
        tree = yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return data[::-1]
    changed = change_tree(tree, rng)
    try:
        text = json.dumps(changed) if rng.random() < 0.3 else yaml.safe_dump(changed, sort_keys=False)
    except (yaml.YAMLError, ValueError, TypeError):
        return data
    return text.encode("utf-8", "surrogatepass")


YAML_PARTS = [
    b"&a ", b"*a", b"<<: *a\n", b"!!int ", b"!!float ", b"!!bool ", b"!!set ", b"!!omap ", b"!!binary ", b"!!python/x ",
    b"? ", b"|\n ", b">-\n ", b"%YAML 1.1\n---\n", b"---\n", b"...\n", b"{a: 1, a: 2}", b"[" * 50, b"2001-01-01",
    b"1:30", b"0o17", b"0b1", b".inf", b".nan", b"\xef\xbb\xbf", b"\xc2\x85", b"!!timestamp ",
    b"! ", b"- ", b"\t", b"&a [*a]",
]  # fmt: skip


def insert_yaml(data: bytes, rng: Random) -> bytes:
    """A sign of YAML at a border of words or lines."""
    borders = [place for place, one in enumerate(data) if one in b" \n"] or [0]
    place = rng.choice(borders) + 1
    return data[:place] + rng.choice(YAML_PARTS) + data[place:]
