"""Runs random cases, machine by machine, and counts them."""

import json
from collections.abc import Iterator
from time import process_time
from typing import NamedTuple

from differential import checks, encodings, references
from differential.architectures import draw_arch
from differential.random_layers import draw_layer, generator
from simulator.config.load import load_arch
from simulator.core.registry import machines
from workloads.errors import InputError
from workloads.kinds import find_kind, kind_of
from workloads.workload import Workload

MOST_STEPS = 150_000
"""Units times cycles of a run; longer ones are left out."""
ENCODED = 0.3
"""The share of cases whose weights are encoded and decoded."""


class Case(NamedTuple):
    """A case of a machine, by its number."""

    machine: str
    number: int
    seed: int

    @property
    def command(self):
        """What runs this case alone."""
        chosen = f"--seed {self.seed} --machine {self.machine} --case {self.number}"
        return f".venv/bin/python -m tests.differential {chosen}"


class Outcome(NamedTuple):
    """What became of a case: nothing, a difference, or a reason why it was not run."""

    case: Case
    kind: str
    difference: str | None
    left_out: str | None
    cpu_s: float
    about: str


def run_case(case):
    """Draw and run a case."""
    began = process_time()
    rng = generator(case.seed, case.machine, case.number)
    machine = machines()[case.machine]
    kind = machine.kinds[int(rng.integers(0, len(machine.kinds)))]
    arch = draw_arch(machine, rng, case.seed, case.number)
    difference = left_out = None
    layer, way = None, ""
    try:
        formats = machine.formats(arch)
        layer, way = draw_layer(kind, formats, rng)
        if kind_of(layer).name == kind:  # the front end has done so already
            layer = find_kind(kind).convert(layer, formats)
        difference = compare(machine, arch, layer, rng)
    except InputError as error:
        left_out = str(error)
    except checks.TooLongError:
        left_out = "it is too long for the model"
    except Exception as error:  # a crash is a difference, too
        difference = f"{type(error).__name__}: {error}"
    about = f"{way}: {arch}\n{layer!r}"
    return Outcome(case, kind, difference, left_out, process_time() - began, about)


def compare(machine, arch, layer, rng):
    """Where anything differs, in a sentence; None: nowhere. InputError where the machine does not run the layer."""
    kind = kind_of(layer).name
    kernel = checks.kernel_of(layer)
    found = references.difference(kind, layer, kernel)
    if found is not None:
        return f"kernel against an independent computation: {found}"
    found = encodings.difference(layer, rng) if rng.random() < ENCODED else None
    if found is not None:
        return f"encoding: {found}"
    config = load_arch(machine.name)._replace(arch=arch)
    return checks.difference(config, Workload("drawn", "drawn", 0, layer, kind), kernel, MOST_STEPS)


def cases(names, seed, seconds) -> Iterator[Outcome]:
    """Cases of these machines until they have taken `seconds` of CPU time; each machine gets the same time."""
    spent, number = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0)
    while sum(spent.values()) < seconds:
        name = min(spent, key=spent.__getitem__)
        outcome = run_case(Case(name, number[name], seed))
        spent[name] += outcome.cpu_s
        number[name] += 1
        yield outcome


class Row(NamedTuple):
    """The cases of a machine and a kind."""

    machine: str
    kind: str
    cases: int = 0
    differences: int = 0
    left_out: int = 0
    cpu_s: float = 0.0
    seed: int = 0


def summarise(outcomes):
    """A row for each machine and kind."""
    rows = {}
    for one in outcomes:
        key = one.case.machine, one.kind
        row = rows.get(key, Row(*key, seed=one.case.seed))
        ran = one.left_out is None
        rows[key] = row._replace(
            cases=row.cases + ran,
            differences=row.differences + (one.difference is not None),
            left_out=row.left_out + (not ran),
            cpu_s=round(row.cpu_s + one.cpu_s, 3),
        )
    return list(rows.values())


def write_json(path, rows):
    """Put a summary into a file such as `docs/validation/differential.json`; rows of the same run give way."""
    old = json.loads(path.read_text("utf-8")) if path.exists() else []
    keyed = {(one["machine"], one["kind"], one["seed"]): one for one in [*old, *(row._asdict() for row in rows)]}
    path.write_text(json.dumps(list(keyed.values()), indent=1) + "\n", "utf-8")
