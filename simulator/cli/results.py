"""The command `results`: what a store holds."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, check_output, console, one_format

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.store_reader import Results

StoreName = Annotated[Path, typer.Argument(help="A store that `zeroskip sweep --store` wrote.")]
Where = Annotated[
    str | None, typer.Option(metavar="CONDITION", help="Only such points: \"pes >= 64 and workload == 'alexnet-fc7'\".")
]
By = Annotated[str | None, typer.Option("--by", metavar="A,B", help="Group by these columns.")]
Columns = Annotated[
    str | None, typer.Option(metavar="A,B", help="Only these columns, of points or, with --layers, of layers.")
]
Parquet = Annotated[Path | None, typer.Option(metavar="FILE", help="A .parquet file to write.")]
Fits = Annotated[bool, typer.Option("--fits", help="Only points that fit their machine.")]
FIGURES = (
    "cycles",
    "time_us",
    "energy_uj",
    "edp_uj_us",
    "area_mm2",
    "load_balance",
    "tokens_per_s",
    "joules_per_token",
    "fits",
)
"""Columns of the printed table after what varies."""
SUMMARISED = ("time_us", "energy_uj")
MOST_PRINTED = 100


def results(
    store: StoreName,
    where: Where = None,
    columns: Columns = None,
    by: By = None,
    layers: Annotated[bool, typer.Option("--layers", help="A row for each layer of networks; not with --by.")] = False,
    fits: Fits = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
    parquet: Parquet = None,
) -> None:
    """Show the points of a store, or with --by a summary: points, least, mean and greatest of each value."""
    from simulator.results.fit import partial_networks
    from simulator.results.store_reader import open_store
    from workloads.errors import refuse

    one_format(as_json, as_csv)
    check_parquet(parquet)
    if layers and by is not None:
        refuse("--layers", "it is given with --by, which summarises points", "it with --where, --fits or --columns")
    held, chosen = open_store(store), names_of(columns)
    plain = not (as_json or as_csv or parquet)
    where = only_fitting(held, where) if fits else where
    if by is not None:
        frame = held.summary(names_of(by) or [], chosen or _present(held, SUMMARISED), where)
    elif layers:
        frame = held.layers(where, chosen) if chosen or not plain else _short(held, where)
    else:
        frame = held.frame(where, chosen or (_shown(held, where) if plain else None))
    put_out_points(frame, as_json, as_csv, parquet, [*misfits(frame), *partial_networks(held.rows(where))])


def only_fitting(held: "Results", where: str | None) -> str:
    """A condition that points which do not fit their machine do not fulfil. InputError where `where` is none."""
    from simulator.results.conditions import Condition
    from simulator.results.fit import FITS

    if where is None:
        return FITS
    Condition(where, held.columns)
    return f"({where}) and {FITS}"


def misfits(frame: "pd.DataFrame") -> list[str]:
    """A sentence about the points that do not fit their machine, if there are any in a table of points."""
    from simulator.results.fit import FITS

    if FITS not in frame:
        return []
    from simulator.results.text import counted

    count, known = sum(value is False for value in frame[FITS].tolist()), int(frame[FITS].notna().sum())
    if not count:
        return []
    do_not = "does not" if count == 1 else "do not"
    return [f"{count:,} of {counted(known, 'point')} {do_not} fit their machine (column {FITS}); --fits drops them"]


def put_out_points(
    frame: "pd.DataFrame", as_json: bool, as_csv: bool, parquet: Path | None, notes: Sequence[str] = ()
) -> None:
    """Print or write the points in the form that was asked for. InputError where the file cannot be written.

    notes: sentences, printed below the table, or to standard error where the output is data.
    """
    from simulator.results.text import counted

    if parquet is not None:
        _write_parquet(frame, parquet)
    if as_json:
        print(json.dumps(json.loads(frame.to_json(orient="records", double_precision=15)), indent=2))
    elif as_csv:
        frame.to_csv(sys.stdout, index=False)
    elif parquet is None and frame.empty:
        console().print(" no rows: nothing in the store meets what was asked for", highlight=False)
    elif parquet is None:
        from simulator.cli.tables.sweep import print_frame

        print_frame(console(), frame.head(MOST_PRINTED))
        if len(frame) > MOST_PRINTED:
            console().print(f" the first {MOST_PRINTED} of {len(frame):,} points; --csv and --parquet give all")
    else:
        console().print(
            f" written to {parquet}: {counted(len(frame), 'row')}, {counted(len(frame.columns), 'column')}",
            highlight=False,
        )
    for note in notes:
        console(stderr=as_json or as_csv).print(f" [yellow]note[/]  {note}", highlight=False)


def check_parquet(path: Path | None) -> None:
    """InputError where a parquet file is asked for under a name of another ending."""
    if path is not None:
        check_output(path, ".parquet")


def _write_parquet(frame: "pd.DataFrame", path: Path) -> None:
    from simulator.cli.interruption import whole_step
    from workloads.extras import import_extra
    from workloads.whole_files import whole_file

    import_extra("pyarrow", "parquet", f"--parquet {path}")
    with whole_step(path), whole_file(path) as partial, partial.open("wb") as file:
        frame.to_parquet(file, engine="pyarrow", index=False)


def names_of(text: str | None) -> list[str] | None:
    """`A, B` -> names, each once; None: none were given."""
    return None if text is None else list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _present(held: "Results", names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in held.columns]


def _shown(held: "Results", where: str | None) -> list[str]:
    """Axes, every other parameter in which points differ, and the main figures."""
    first = varied(held, where) or ["machine", "workload"]
    return list(dict.fromkeys((*first, *_present(held, FIGURES), *partial_columns(held), "error")))


def _short(held: "Results", where: str | None) -> "pd.DataFrame":
    """Of the layers of points: what separates points, the layer, its main figures, why it did not run."""
    separate = varied(held, where)
    frame = held.layers(where, also=separate)
    wanted = dict.fromkeys((*separate, "layer", *FIGURES, "reason"))
    return frame[[name for name in wanted if name in frame]]


def varied(held: "Results", where: str | None) -> list[str]:
    """The columns that separate the points that meet a condition, see `results.varied`."""
    from simulator.results.varied import varied_columns

    return varied_columns(held.rows(where), held.axes, held.parameters)


def partial_columns(held: "Results") -> list[str]:
    """Columns that say how much of its network a point is; none where every point is all of it."""
    from simulator.results.fit import PARTIAL

    return _present(held, PARTIAL) if PARTIAL[-1] in held.columns else []
