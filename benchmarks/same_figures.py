"""Whether two checkouts give the same figures, bit for bit: published tables, runs, a sweep, studies.

    python benchmarks/same_figures.py record BEFORE --checkout ../old
    python benchmarks/same_figures.py record AFTER
    python benchmarks/same_figures.py compare BEFORE AFTER

`record` runs the commands below with a checkout's code and keeps what they print (JSON) or write in a folder.
`compare` prints every figure that differs and exits with 1 if there is one. Numbers are compared exactly, and so are
words, except the sentences under TEXTS, which may be reworded. Keys under RENAMED have another name since the first
edition.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RENAMED: Mapping[str, str] = {}
"""Key of the first edition -> key of today."""
VOLATILE = (
    "elapsed_s",
    "versions",
    "seconds",
    "store",
    "finished_at",
    "code",
    "id",
    "configuration",
    "workload_source",
)
"""Keys that say where and when something ran."""
TEXTS = ("source", "notes", "violations", "reason", "about", "title", "pricing", "stored", "study", "dram")
"""Keys of sentences."""
COMMANDS: Mapping[str, str] = {
    "validate_eie": "validate eie --json",
    "validate_ese": "validate ese --json",
    "validate_scnn": "validate scnn --draws 1 --json",
    "validate_energy": "validate energy --json",
    "eie": "run eie alexnet-fc7 --json",
    "eie_pes": "run eie nt-wd --set pes=16 --set queue_depth=2 --seed 3 --json",
    "eie_dram": "run eie vgg16-fc6 --scale 0.5 --set spmat_bytes=8192 --set dram=lpddr4_3200 "
    "--set dram_energy=data_sheet --json",
    "eie_batching": "run eie alexnet-fc6 --scale 0.5 --set batching=1 --set pes=4 --json",
    "eie_node": "run eie_cacti alexnet-fc8 --set node_nm=28 --json",
    "eie_model": "run eie alexnet-fc8 --scale 0.1 --engine simpy --json",
    "eie_trained": "run eie lenet-300-100-ip1 --json",
    "ese": "run ese google-lstm --json",
    "ese_plain": "run ese google-lstm --scale 0.25 --steps 3 --prune plain --density 0.2 --set dram=ddr4_2400 --json",
    "scnn": "run scnn vgg16-conv3_2 --json",
    "scnn_dram": "run scnn alexnet-conv2 --set dram=hbm2 --set dram_energy=data_sheet --json",
    "scnn_rows": "run scnn vgg16-conv4_1 --granularity 1 --density 0.3 --activation-density 0.4 --json",
    "scnn_model": "run scnn alexnet-conv3 --scale 0.15 --engine simpy --json",
    "scnn_weights": "run scnn_sparse_weights alexnet-conv3 --json",
    "scnn_activations": "run scnn_sparse_activations alexnet-conv3 --json",
    "dcnn": "run dcnn alexnet-conv5 --json",
    "dcnn_opt": "run dcnn_opt alexnet-conv5 --json",
    "network": "run scnn alexnet --seed 1 --json",
    "network_csv": "run eie alexnet --csv",
    "network_computed": "run scnn alexnet --computed --json",
    "comparison": "compare alexnet --machines eie,scnn,dcnn,dcnn_opt --json",
    "comparison_layer": "compare alexnet-fc8 --machines eie,scnn --scale 0.5 --csv",
    "ablate_eie": "ablate alexnet-fc7 --json",
    "ablate_scnn": "ablate vgg16-conv4_2 --json",
    "ablate_ese": "ablate google-lstm --scale 0.25 --json",
    "compress": "compress alexnet-fc8 --json",
    "trace_eie": "trace eie alexnet-fc8 --scale 0.1 -o OUT.json",
    "trace_ese": "trace ese google-lstm --scale 0.05 -o OUT.json",
    "trace_scnn": "trace scnn alexnet-conv3 --scale 0.2 -o OUT.json",
    "trace_dcnn": "trace dcnn alexnet-conv3 --scale 0.2 -o OUT.json",
    "requests_eie": "requests eie vgg16-fc6 --scale 0.2 --set spmat_bytes=2048 --set dram=lpddr2_1066 -o OUT",
    "requests_scnn": "requests scnn alexnet-conv3 --set dram=ddr3_1600 -o OUT",
    "study_balance": "study balance --json",
    "study_granularity": "study granularity --json",
    "study_memory": "study memory --json",
    "sweep": "sweep eie alexnet-fc8 --over pes=4,16,64 --over queue_depth=1:9:3 --set scale=0.3 "
    "--store STORE.db --json",
    "sweep_results": "results STORE.db --json",
    "sweep_figures": "sweep scnn-density --store DENSITY.db --json",
    "sweep_figures_results": "results DENSITY.db --json",
}
"""Name -> command; OUT is a file or folder that the command writes, X.db a store in the folder."""


def record(folder: Path, checkout: Path, only: list[str]) -> None:
    """Run the commands with the code of `checkout`; what they print goes to NAME.json (or .csv) in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(checkout), "NUMBA_CACHE_DIR": str(folder.resolve() / "numba")}
    for name in only or COMMANDS:
        words = [word.replace("OUT", f"{name}.out") for word in COMMANDS[name].split()]
        line = [sys.executable, "-P", "-m", "simulator.cli", *words]
        done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name}: {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
        ending = ".json" if "--json" in words else ".txt"
        (folder / f"{name}{ending}").write_text(done.stdout, "utf-8")
        print(name, flush=True)


def compare(before: Path, after: Path) -> int:
    """Print what differs; the number of differing figures."""
    wrong = 0
    for old in sorted(path for path in before.rglob("*") if path.is_file() and _counts(path)):
        new = after / old.relative_to(before)
        if not new.exists():
            differences = ["is missing"]
        elif old.suffix == ".json" or old.name.endswith(".out.json"):
            differences = list(_differences("", json.loads(old.read_text()), json.loads(new.read_text())))
        else:
            same = _plain(old) == _plain(new)
            differences = [] if same else ["differs"]
        wrong += len(differences)
        for difference in differences[:20]:
            print(f"{old.relative_to(before)}: {difference}")
    print(f"{wrong} differences")
    return wrong


def _counts(path: Path) -> bool:
    """Whether a file holds figures: not a cache, a store, or a command's sentence about the file that it wrote."""
    written = COMMANDS.get(path.stem, "").startswith(("trace", "requests"))
    return "numba" not in path.parts and ".db" not in path.name and not written


def _plain(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def _differences(where: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            name = RENAMED.get(key, key)
            if key in VOLATILE:
                continue
            if name not in new:
                yield f"{where}.{key} is missing"
            elif key in TEXTS and isinstance(value, (str, list)):
                if type(value) is not type(new[name]):
                    yield f"{where}.{key}: {value!r} against {new[name]!r}"
            else:
                yield from _differences(f"{where}.{key}", value, new[name])
        return
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{where}: {len(old)} against {len(new)} items"
        old, new = _in_order(old), _in_order(new)
        for place, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from _differences(f"{where}[{place}]", one, other)
        return
    if type(old) is not type(new) or old != new:
        yield f"{where}: {old!r} against {new!r}"


def _in_order(items: list[Any]) -> list[Any]:
    """Published figures by paper, table, row and quantity, as their order is no figure; other lists as they are."""
    keys = ("paper", "table", "row", "quantity")
    if not all(isinstance(one, dict) and all(key in one for key in keys) for one in items):
        return items
    return sorted(items, key=lambda one: [str(one[key]) for key in keys])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("record")
    one.add_argument("folder", type=Path)
    one.add_argument("--checkout", type=Path, default=ROOT)
    one.add_argument("--only", nargs="*", default=[])
    two = commands.add_parser("compare")
    two.add_argument("before", type=Path)
    two.add_argument("after", type=Path)
    given = parser.parse_args()
    if given.command == "record":
        record(given.folder, given.checkout.resolve(), given.only)
    else:
        sys.exit(1 if compare(given.before, given.after) else 0)


if __name__ == "__main__":
    main()
