"""The command: measure, print, and write the figures of the page on speed.

.venv/bin/python -m benchmarks.speed start engines machines parts growth --rounds 7 --json docs/validation/speed.json
"""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.speed.pairs import Figure

PARTS = ("start", "engines", "machines", "parts", "growth")


def main() -> None:
    """Measure the parts that are named, or all; the file keeps those of others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    for part in given.parts or PARTS:
        for figure in import_module(f"benchmarks.speed.{part}").figures(given.rounds):
            print(describe(figure), flush=True)
            if given.json:
                keep(given.json, figure)


def describe(one: Figure) -> str:
    """A line about a figure."""
    ratio = "" if one.ratio is None else f": {one.ratio:.2f} x {one.reference} ({one.reference_seconds:.4g} s)"
    return f"{one.what}: {one.seconds:.4g} s{ratio}{'; ' if one.note else ''}{one.note}"


def keep(path: Path, figure: Figure) -> None:
    """Put a figure into the file; one of the same thing gives way."""
    content = json.loads(path.read_text("utf-8")) if path.exists() else {"figures": []}
    kept = {one["what"]: one for one in content["figures"]}
    kept[figure.what] = {**_rounded(figure), "measured": conditions()}
    content = {"figures": list(kept.values())}
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def conditions() -> dict[str, str | int]:
    """Where and when a figure is measured."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "zeroskip")},
    }


def _rounded(figure: Figure) -> dict[str, object]:
    return {
        key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in figure._asdict().items()
    }


if __name__ == "__main__":
    main()
