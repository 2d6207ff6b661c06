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
OF_MACHINE, OF_LOADING, OF_RECIPE, OF_RUN = range(4)
"""What a setting belongs to."""
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
    code: str  # hash of the sources
    format: str  # what layers are compressed to, as a text


class Machine(NamedTuple):
    """A machine with changed numbers."""

    config: Config
    configuration: str  # hash of architecture and technology
    code: str  # hash of the sources
    format: str  # what layers are compressed to, as a text
    parameters: dict[str, Value]  # of any point on it; those that the point decides are empty


class Source(NamedTuple):
    """A workload with its options."""

    layers: tuple[str, ...]
    network: bool
    hash: str
    options: Document  # of `load_workload`


class Resolver:
    """Looks up points; what neighbours have in common is looked up once, for as long as a sweep lasts."""

    def __init__(self) -> None:
        self._parts = lru_cache(MOST_KEPT)(_parts_of)
        self._machine = lru_cache(MOST_KEPT)(_load_machine)
        self._source = lru_cache(MOST_KEPT)(_load_source)

    def resolve(self, point: Point) -> Resolved:
        """Everything that decides the result. InputError where something of it does not exist."""
        parts = self._parts(point.machine, point.workload, tuple(name for name, _ in point.settings))
        of_machine, of_loading, of_recipe, engine = _split(point.settings, parts)
        machine = self._machine(point.machine, of_machine)
        source = self._source(point.workload, of_loading, of_recipe)
        return Resolved(
            point,
            digest_of_words(machine.code, engine, machine.configuration, source.hash),
            machine.config,
            source.options,
            source.layers,
            source.network,
            {**machine.parameters, WORKLOAD: point.workload, ENGINE: engine, **dict(point.settings)},
            machine.configuration,
            source.hash,
            engine,
            machine.code,
            machine.format,
        )


def digest(content: object) -> str:
    """The hash of what JSON can hold, the same for the same content whatever the order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def digest_of_words(*words: str) -> str:
    """`digest` of a list of words of letters and digits, which JSON writes as they are."""
    text = '","'.join(words)
    return hashlib.sha256(f'["{text}"]'.encode()).hexdigest()[:DIGITS]


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


def _parts_of(machine: str, workload: str, names: tuple[str, ...]) -> tuple[int, ...]:
    """What the settings of these names belong to. InputError where one belongs to nothing."""
    known, mine = machine_keys(machine), recipe_keys_of(workload)
    parts = []
    for name in names:
        if name == ENGINE:
            parts.append(OF_RUN)
        elif name in OPTIONS or name in known:
            parts.append(OF_LOADING if name in OPTIONS else OF_MACHINE)
        elif name in mine:
            parts.append(OF_RECIPE)
        else:
            refuse(f"{workload} on {machine}", f"{name} is an unknown key", nearest(name, (*known, *mine)))
    return tuple(parts)


def _split(settings: Settings, parts: tuple[int, ...]) -> tuple[Settings, Settings, Settings, str]:
    """The settings by what they belong to: the machine, loading, the recipe; and the engine. InputError of it."""
    found: list[list[tuple[str, Value]]] = [[], [], [], []]
    for pair, part in zip(settings, parts, strict=True):
        found[part].append(pair)
    engine = str(found[OF_RUN][0][1]) if found[OF_RUN] else "numba"
    check_engine(engine)
    return tuple(found[OF_MACHINE]), tuple(found[OF_LOADING]), tuple(found[OF_RECIPE]), engine


def nearest(key: str, known: tuple[str, ...]) -> str:
    """What a user may have meant by a key that nothing knows."""
    near = get_close_matches(key, {*known, *OPTIONS, ENGINE}, 3)
    return " or ".join(near) if near else "a key of the machine, of the workload's recipe or of its loading"


def _load_machine(machine: str, changes: Settings) -> Machine:
    config = load_arch(machine, **dict(changes))
    asked = config.changes.get("node_nm")  # results at another node too
    parameters: dict[str, Value] = {
        "machine": config.machine,
        "config": config.name,
        WORKLOAD: "",
        ENGINE: "",
        **config.written,
        **{key: getattr(config.technology, key) for key in CHANGEABLE},
        **DEFAULTS,
    }
    configuration = digest([config.machine, config.name, config.arch._asdict(), config.technology, asked])
    known = find(config.machine)
    compressed_to = repr((known.name, sorted(known.formats(config.arch).items())))
    return Machine(config, configuration, code_version(package_of(known)), compressed_to, parameters)


def _load_source(workload: str, options: Settings, recipe: Settings) -> Source:
    """The layers, whether they are a network, the hash of all that decides them, and the options that load them."""
    given = {**DEFAULTS, **dict(options)}
    if "density" in given and "weight_density" in given:
        refuse(workload, "density and weight_density are given", "one of them, as they are the same")
    loading = {key: value for key, value in options if key != "weight_density"}
    density = dict(options).get("weight_density", dict(options).get("density"))
    given["density"] = given.pop("weight_density", given.get("density", ""))
    layers, network = layers_of(workload, str(given["layer"]) if "layer" in given else None)
    content = [describe_source(workload, given)]
    found = digest([Path(workload).name, content, given, recipe])
    return Source(layers, network, found, {**loading, "density": density, "recipe": dict(recipe)})
