"""Energy reference tables in Accelergy's YAML (`--ert`)."""

from functools import cache
from pathlib import Path
from typing import Any

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import machine, write


@cache
def _result() -> Any:
    from simulator.run.api import simulate

    return simulate(machine("eie"), "alexnet-fc8", scale=0.01)


def seeds() -> list[bytes]:
    """The table that `export` writes, and one with prefixes, numbers of instances and arguments."""
    from workloads.yaml_files import dump_yaml

    tables: dict[str, list[dict[str, Any]]] = {}
    for line in _result().energy:
        tables.setdefault(line.component, []).append({"name": line.event, "energy": float(line.pj_each)})
    parts = [{"name": name, "actions": actions} for name, actions in tables.items()]
    other = [{"name": f"chip.{one['name']}[1..4]", "actions": one["actions"]} for one in parts]
    return [dump_yaml({"ERT": {"version": "0.4", "tables": one}}).encode() for one in (parts, other)]


def read(data: bytes, folder: Path) -> None:
    from simulator.export.ert import price_with, read_ert

    price_with(_result(), read_ert(write(folder, "in.yaml", data))).to_dict()


HARNESS = Harness("ert", read, seeds, [change_yaml, insert_yaml, fill_json])
