"""The command `calibrate`: which factor of lambda skips which share of the blocks of attention."""

import re
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, check_output, console, one_format, put_out, write
from simulator.cli.progress import progress
from simulator.cli.workload_options import WorkloadName, takes_workload
from workloads.errors import refuse
from workloads.options import WorkloadOptions

RANGE = re.compile(r"(\d{1,12}):(\d{1,12}):(\d{1,12})$")
MOST_LENGTHS = 64


@takes_workload
def calibrate(
    workload: WorkloadName,
    options: WorkloadOptions,
    lengths: Annotated[
        str | None,
        typer.Option(help="Keys of the calls: 64,128,512, or 64:512:4 (four lengths in equal ratios); else all keys."),
    ] = None,
    tile: Annotated[
        str, typer.Option(metavar="ROWSxKEYS,...", help="Sizes of tiles: rows of queries, and keys of a block.")
    ] = "128x128",
    target: Annotated[float, typer.Option(help="Wanted share of skipped blocks.")] = 0.5,
    cache_format: Annotated[str, typer.Option(help="Number format of keys and values.")] = "bf16",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A .json file to write, too.")] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Find how many blocks of keys attention skips at which threshold, fit the curve, choose `skip_thousandths`."""
    import json

    one_format(as_json, as_csv)
    sizes, chosen = parse_lengths(lengths), parse_tiles(tile)
    if output is not None:
        check_output(output, ".json")
    from simulator.cli.tables.compression import print_study
    from simulator.studies.calibration import calibrate as run

    with progress(f"calibrating {workload}") as say:
        found = run(
            workload, lengths=sizes, tiles=chosen, target=target, cache_format=cache_format, progress=say,
            **options.given(),
        )  # fmt: skip
    put_out(as_json, as_csv, found.to_dict, found.to_frame, lambda: print_study(console(), found.to_dict()))
    if output is not None:
        write({output: json.dumps(found.to_dict(), indent=2, allow_nan=False) + "\n"})


def parse_lengths(text: str | None) -> list[int]:
    """`64,128` or `64:512:4`; none without a text. InputError where it is neither."""
    if text is None:
        return []
    span = RANGE.match(text.strip())
    if span is None:
        parts = text.split(",")
        if not all(re.fullmatch(r"\s*\d{1,12}\s*", part) for part in parts):
            refuse(f"--lengths {text[:60]}", "it is no list of integers", "64,128,512 or 64:512:4")
        return [int(part) for part in parts]
    first, last, count = map(int, span.groups())
    if not (1 <= first < last and 2 <= count <= MOST_LENGTHS):
        expected = f"first:last:count with 1 <= first < last and 2 to {MOST_LENGTHS} lengths"
        refuse(f"--lengths {text[:60]}", "it is no range of lengths", expected)
    return sorted({round(first * (last / first) ** (place / (count - 1))) for place in range(count)})


def parse_tiles(text: str) -> list[tuple[int, int]]:
    """`128x128,1x128`. InputError where it is something else."""
    found = [re.fullmatch(r"\s*(\d{1,6})x(\d{1,6})\s*", part) for part in text.split(",")]
    if not all(found):
        refuse(f"--tile {text[:60]}", "it is no list of sizes", "ROWSxKEYS, as 128x128 or 128x128,1x128")
    return [(int(one[1]), int(one[2])) for one in found if one is not None]
