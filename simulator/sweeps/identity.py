"""What a point is: everything that decides its result, resolved and hashed."""

import hashlib
import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.config.load import CHANGEABLE, Config, load_arch
from simulator.core.registry import check_engine, find, package_of
from simulator.sweeps.axes import Value
from simulator.sweeps.points import ENGINE, OPTIONS, WORKLOAD, Point, machine_keys
from simulator.sweeps.sources import describe_source, layers_of, recipe_keys_of
from workloads.document_types import Document
from workloads.errors import refuse

PACKAGES = ("simulator", "workloads", "kernels_ref")
APART = ("cli", "zoo")
"""Folders of our packages that decide no result, or, as recipes, only that of the points whose identity has them."""
ENDINGS = ".py", ".csv", ".json", ".npz", ".safetensors", ".txt", ".yaml"
"""Of sources, and of tables that they read."""
DIGITS = 32
MOST_KEPT = 4096
DEFAULTS: dict[str, Value] = {"seed": 0, "scale": 1.0}
Settings = tuple[tuple[str, Value], ...]


class Resolved(NamedTuple):
    """A point with everything that it names looked up; layers are not drawn yet."""

    point: Point
    identity: str
    config: Config
    options: Document  # of `load_workload`
    layers: tuple[str, ...]  # of a network of the zoo, or the one layer
    network: bool
    parameters: dict[str, Value]  # as the columns of a table
    configuration: str  # hash of architecture and technology
    workload: str  # hash of what is loaded and how
    engine: str


class Resolver:
    """Looks up points; what neighbours have in common is looked up once, for as long as a sweep lasts."""

    def __init__(self) -> None:
        self._machine = lru_cache(MOST_KEPT)(_load_machine)
        self._source = lru_cache(MOST_KEPT)(_load_source)

    def resolve(self, point: Point) -> Resolved:
        """Everything that decides the result. InputError where something of it does not exist."""
        changes, options, recipe, engine = _split(point)
        config, configuration = self._machine(point.machine, changes)
        layers, network, source = self._source(point.workload, options, recipe)
        loading = {key: value for key, value in options if key != "weight_density"}
        density = dict(options).get("weight_density", dict(options).get("density"))
        code = code_version(package_of(find(config.machine)))
        parameters: dict[str, Value] = {
            "machine": config.machine,
            "config": config.name,
            WORKLOAD: point.workload,
            ENGINE: engine,
            **config.written,
            **{key: getattr(config.technology, key) for key in CHANGEABLE},
            **DEFAULTS,
            **dict(point.settings),
        }
        return Resolved(
            point,
            digest([code, engine, configuration, source]),
            config,
            {**loading, "density": density, "recipe": dict(recipe)},
            layers,
            network,
            parameters,
            configuration,
            source,
            engine,
        )


def digest(content: object) -> str:
    """The hash of what JSON can hold, the same for the same content whatever the order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


@cache
def code_version(package: str) -> str:
    """The hash of all sources and tables that decide results: ours, the machine's package's, and numpy's version."""
    found = hashlib.sha256(np.__version__.encode())
    for name in dict.fromkeys((*PACKAGES, package.partition(".")[0])):
        for file, text in _sources(name):
            found.update(f"{name}/{file}:{len(text)}:".encode() + text)
    return found.hexdigest()[:DIGITS]


def unresolved(point: Point, error: str) -> str:
    """The identity of a point that cannot be looked up."""
    return digest([code_version("simulator"), list(point[:2]), point.settings, error])


def _sources(package: str) -> Iterator[tuple[str, bytes]]:
    spec = find_spec(package)
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        for path in sorted(Path(folder).rglob("*")):
            name = path.relative_to(folder)
            if path.suffix in ENDINGS and name.parts[0] not in APART and path.is_file():
                yield name.as_posix(), path.read_bytes()


def _split(point: Point) -> tuple[Settings, Settings, Settings, str]:
    """The settings by what they belong to: changes of the machine, options, changes of the recipe; and the engine."""
    known, mine = machine_keys(point.machine), recipe_keys_of(point.workload)
    parts: dict[str, list[tuple[str, Value]]] = {"machine": [], "options": [], "recipe": []}
    engine = "numba"
    for key, value in point.settings:
        if key == ENGINE:
            engine = str(value)
        elif key in OPTIONS or key in known:
            parts["options" if key in OPTIONS else "machine"].append((key, value))
        elif key in mine:
            parts["recipe"].append((key, value))
        else:
            place = f"{point.workload} on {point.machine}"
            refuse(place, f"{key} is an unknown key", nearest(key, (*known, *mine)))
    check_engine(engine)
    return tuple(parts["machine"]), tuple(parts["options"]), tuple(parts["recipe"]), engine


def nearest(key: str, known: tuple[str, ...]) -> str:
    """What a user may have meant by a key that nothing knows."""
    near = get_close_matches(key, {*known, *OPTIONS, ENGINE}, 3)
    return " or ".join(near) if near else "a key of the machine, of the workload's recipe or of its loading"


def _load_machine(machine: str, changes: Settings) -> tuple[Config, str]:
    config = load_arch(machine, **dict(changes))
    asked = config.changes.get("node_nm")  # results at another node too
    return config, digest([config.machine, config.name, config.arch._asdict(), config.technology, asked])


def _load_source(workload: str, options: Settings, recipe: Settings) -> tuple[tuple[str, ...], bool, str]:
    """The layers, whether they are a network, and the hash of all that decides them."""
    given = {**DEFAULTS, **dict(options)}
    if "density" in given and "weight_density" in given:
        refuse(workload, "density and weight_density are given", "one of them, as they are the same")
    given["density"] = given.pop("weight_density", given.get("density", ""))
    layers, network = layers_of(workload, str(given["layer"]) if "layer" in given else None)
    content = [describe_source(workload, given)]
    return layers, network, digest([Path(workload).name, content, given, recipe])
