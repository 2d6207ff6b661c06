"""The validation page, from the output of `zeroskip validate MACHINE --csv`.

The runs take a few minutes together, so their rows are kept in `docs/validation/`; tests compare them with the
published figures, and some of them with a fresh run.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from docs.generate.markdown import MADE, code, table
from docs.generate.validation_text import DRAM, HEAD, MASKS, REAL, SCALING
from simulator.core.overview import COLUMNS, draws_of, lines, used_columns
from simulator.core.published import PublishedFigure, read_published


class Part(NamedTuple):
    """A section of the page: the rows of one file, and the command that writes it."""

    file: str
    command: str
    machine: str | None = None  # whose fits are listed
    about: str = ""


MACHINES = ("eie", "ese", "scnn", "sigma", "cambricon")
PARTS = (
    *(Part(name, f"zeroskip validate {name}", name) for name in MACHINES),
    Part("eie_fc8", "zeroskip validate eie --data alex8.npz", None, REAL),
    Part("eyeriss_v2", "zeroskip validate eyeriss_v2"),
    Part("eyeriss_v2_pe", "zeroskip validate eyeriss_v2 --data eyeriss_v2_masks.npz", None, MASKS),
    Part("tensor", "zeroskip validate tensor"),
    Part("dram", "zeroskip validate dram", None, DRAM),
    Part("scaling", "zeroskip validate scaling", None, SCALING),
)
TITLES = {"eie_fc8": "EIE on the real FC8", "dram": "DRAM", "scaling": "Scaling to other nodes"}
CURVES = {"eie": "published.png", "ese": "published_ese.png", "scnn": "published_scnn.png",
          "cambricon": "published_cambricon.png"}  # fmt: skip
LEAST_SPREAD = 1e-6
NUMBERS = ("published", "simulated", "error_percent", "deviation", "uncertainty")


def pages(folder: Path) -> dict[str, str]:
    """`validation.md`."""
    commands = "\n".join(f"{one.command} --csv > docs/validation/{one.file}.csv" for one in PARTS)
    parts = [_part(one, read(folder / "validation" / f"{one.file}.csv")) for one in PARTS]
    return {"validation.md": MADE + HEAD.format(commands=commands) + "".join(parts)}


def read(path: Path) -> list[PublishedFigure]:
    """The rows of a file: the output of `validate --csv`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> PublishedFigure:
    known = {key: value or None for key, value in line.items()}
    numbers = {key: float(line[key]) if line.get(key) else None for key in NUMBERS}
    draws = int(float(line["draws"])) if line.get("draws") else None
    return PublishedFigure(**{**known, **numbers, "draws": draws})  # type: ignore[arg-type]


def _part(part: Part, rows: list[PublishedFigure]) -> str:
    """The summary of all tables, the fits, then each table, folded."""
    title = TITLES.get(part.file, rows[0].paper)
    text = f"\n## {title}\n\nThe rows as a file: [{part.file}.csv](validation/{part.file}.csv); {draws_of(rows)}.\n\n"
    text += f"{part.about}\n" if part.about else ""
    if part.machine is not None:
        text += f"![error of each table](gallery/errors_{part.machine}.png)\n\n"
        if part.machine in CURVES:
            text += f"![published points, simulated lines](gallery/{CURVES[part.machine]})\n\n"
    cells = lines(rows)
    shown = used_columns(cells)
    names = [COLUMNS[place] for place in shown]
    text += table(names, [[line[place] for place in shown] for line in cells], right=names[2:])
    text += _fits(part.machine)
    return text + "".join(_tables(part.file, rows))


def _fits(machine: str | None) -> str:
    """What was fitted, and on which data; empty where nothing is listed."""
    fits = read_published(f"simulator.machines.{machine}.paper").get("fits", ()) if machine else ()
    if not fits:
        return ""
    return "\nFits:\n\n" + table(
        ("what", "parameter", "fitted on"), [(f["name"], f["parameter"], f["data"]) for f in fits]
    )


def _tables(file: str, rows: list[PublishedFigure]) -> Iterator[str]:
    """Each table of a section, folded."""
    for title in dict.fromkeys((row.table, row.quantity) for row in rows):
        chosen = [row for row in rows if (row.table, row.quantity) == title]
        name = f"{file}: {title[0]}, {title[1].replace('_', ' ')}"
        body = _matrix(chosen) if _is_matrix(chosen) else _list(chosen)
        yield f'\n<details markdown="1"><summary>{name}</summary>\n\n{body}\n</details>\n'


def _is_matrix(rows: list[PublishedFigure]) -> bool:
    return all("=" in row.row.partition(", ")[2] for row in rows)


def _list(rows: list[PublishedFigure]) -> str:
    """A line for each row."""
    columns = ("published", "simulated", "error")
    lines = [
        (row.row, _published(row), _simulated(row), _error(row), _mark(row), row.figure_class or "-", row.reason or "-")
        for row in rows
    ]
    return table(("row", *columns, "mark", "class", "reason"), lines, right=columns)


def _matrix(rows: list[PublishedFigure]) -> str:
    """A line for each layer and a column for each value of the varied parameter: published / simulated ± deviation."""
    key = rows[0].row.partition(", ")[2].partition("=")[0]
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        layer, _, point = row.row.partition(", ")
        published = "-" if row.published is None else _short(row.published)
        under = _under(row)
        found.setdefault(layer, {})[point.partition("=")[2]] = f"{published} / {_short(row.simulated)}{under}"
    points = list(dict.fromkeys(point for line in found.values() for point in line))
    exact = "; ".join(dict.fromkeys(f"± {row.uncertainty:.2g}" for row in rows[:1] if row.uncertainty))
    text = f"Published{f' ({exact})' if exact else ''} / simulated, by `{key}`; mark: "
    text += f"{', '.join(dict.fromkeys(row.mark for row in rows))}.\n\n"
    cells = ([layer, *(line.get(point, "") for point in points)] for layer, line in found.items())
    return text + table(("row", *points), cells, points) + "\n" + _classes(rows)


def _classes(rows: list[PublishedFigure]) -> str:
    """Which rows of a matrix are of which class, and why."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row.figure_class or "-", row.reason or "-"), []).append(row.row)
    counts = {
        layer: sum(row.row.partition(", ")[0] == layer for row in rows) for layer in _layers([r.row for r in rows])
    }
    return table(("class", "reason", "rows"), [(*key, _names(names, counts)) for key, names in groups.items()])


def _layers(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(", ")[0] for name in names))


def _names(names: list[str], counts: Mapping[str, int]) -> str:
    """Layers with all of their points by name alone, others with their points."""
    found = []
    for layer in _layers(names):
        points = [name.partition("=")[2] for name in names if name.partition(", ")[0] == layer]
        found.append(code(layer) + ("" if len(points) == counts[layer] else f" at {', '.join(points)}"))
    return "; ".join(found)


def _published(row: PublishedFigure) -> str:
    if row.published is None:
        return "-"
    return f"{row.published:,.6g}" + (f" ± {row.uncertainty:.2g}" if row.uncertainty else "")


def _simulated(row: PublishedFigure) -> str:
    return f"{row.simulated:,.6g}{_under(row)}"


def _under(row: PublishedFigure) -> str:
    """The standard deviation over draws; nothing where it is less than the digits that are shown."""
    return f" ± {row.deviation:.2g}" if row.deviation and row.deviation > LEAST_SPREAD * abs(row.simulated) else ""


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1000 else f"{value:,.6g}"


def _mark(row: PublishedFigure) -> str:
    return "-" if row.published is None else row.mark


def _error(row: PublishedFigure) -> str:
    return "-" if row.error_percent is None else f"{row.error_percent:+.1f} %"
