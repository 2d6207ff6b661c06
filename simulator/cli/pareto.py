"""The command `pareto`: the points of a store that nothing beats."""

from typing import Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, one_format
from simulator.cli.results import (
    By,
    Parquet,
    StoreName,
    Where,
    check_parquet,
    names_of,
    partial_columns,
    put_out_points,
    varied,
)


def pareto(
    store: StoreName,
    minimise: Annotated[str | None, typer.Option(metavar="A,B", help="Columns: less is better.")] = None,
    maximise: Annotated[str | None, typer.Option(metavar="A,B", help="Columns: more is better.")] = None,
    by: By = None,
    where: Where = None,
    every: Annotated[
        bool, typer.Option("--all/--fits", help="Also points that do not fit their machine, or none of them (default).")
    ] = False,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
    parquet: Parquet = None,
) -> None:
    """Show the points of a store that no other point beats in all objectives; equal points all stay.

    Points that do not fit their machine, and points without one of the objectives, take no part.
    """
    from simulator.results.fit import partial_networks
    from simulator.results.store_reader import open_store

    one_format(as_json, as_csv)
    check_parquet(parquet)
    held, less, more = open_store(store), names_of(minimise) or [], names_of(maximise) or []
    plain = not (as_json or as_csv or parquet)
    groups = names_of(by) or []
    front = held.front(less, more, groups, where, every)
    shown = (*varied(held, where), *groups, *less, *more, "fits", *partial_columns(held))
    chosen = list(dict.fromkeys(shown)) if plain else None
    frame = held.of_front(front, [*groups, *less, *more], chosen)
    put_out_points(frame, as_json, as_csv, parquet, [*front.notes, *partial_networks(held.rows(ids=front.ids))])
