"""The validation page, from the output of `zeroskip validate MACHINE --csv`.

The runs take a minute and a half together, so their rows are kept in `docs/validation/`; tests compare them with the
published figures, and some of them with a fresh run.
"""

import csv
from pathlib import Path

from docs.generate.markdown import MADE, table
from simulator.core.published import PublishedFigure, summarise

HEAD = """# Validation

Every figure of the papers that is available, with the simulated one. The rows are the output of these commands:

```sh
{commands}
```

Layers are drawn with the papers' shapes and densities; a figure is a mean over draws. A dash means that no published
value is available. The mark says how a published value is known:

- `printed` and `C`: printed in the paper; `measured`: read off a plot; `summary`: from public summaries of the paper;
- `derived`, `D` and `A`: computed from printed values;
- `M`: recalled and not confirmed;
- `fitted`: the model was fitted to it, so that its error says little.

`zeroskip validate energy` prints the energy rows together with EIE's [savings step by
step](eie.md#savings-step-by-step). Reasons for the differences: [EIE](eie.md#where-the-figures-differ-and-why),
[ESE](ese.md#where-the-figures-differ-and-why),
[SCNN](scnn.md#where-the-figures-differ-and-why).
"""
MACHINES = ("eie", "ese", "scnn")


def pages(folder: Path) -> dict[str, str]:
    """`validation.md`."""
    commands = "\n".join(f"zeroskip validate {name} --csv > docs/validation/{name}.csv" for name in MACHINES)
    parts = [_machine(name, read(folder / "validation" / f"{name}.csv")) for name in MACHINES]
    return {"validation.md": MADE + HEAD.format(commands=commands) + "".join(parts)}


def read(path: Path) -> list[PublishedFigure]:
    """The rows of a file: the output of `validate --csv`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(line) for line in csv.DictReader(file)]


def _row(line: dict[str, str]) -> PublishedFigure:
    numbers = {key: float(line[key]) if line[key] else None for key in ("published", "simulated", "error_percent")}
    return PublishedFigure(**{**line, **numbers})  # type: ignore[arg-type]


def _machine(name: str, rows: list[PublishedFigure]) -> str:
    """The summary of a machine's tables, then each table."""
    text = f"\n## {rows[0].paper}\n\nThe rows as a file: [{name}.csv](validation/{name}.csv).\n\n"
    text += f"![error of each table](gallery/errors_{name}.png)\n\n"
    if any("," in row.row and row.published is not None for row in rows):
        text += "![published points, simulated lines](gallery/published.png)\n\n"
    errors = ("figures", "mean absolute error", "geometric mean")
    summaries = [
        (
            one.table,
            one.quantity,
            one.figures,
            f"{one.mean_absolute_error_percent:.2f} %",
            f"{one.geometric_mean_error_percent:+.2f} %",
        )
        for one in summarise(rows)
    ]
    text += table(("table", "quantity", *errors), summaries, right=errors)
    for title in dict.fromkeys((row.table, row.quantity) for row in rows):
        chosen = [row for row in rows if (row.table, row.quantity) == title]
        text += f"\n### {name}: {title[0]}, {title[1].replace('_', ' ')}\n\n"
        text += _matrix(chosen) if "," in chosen[0].row else _list(chosen)
    return text


def _list(rows: list[PublishedFigure]) -> str:
    """A line for each row."""
    columns = ("published", "simulated", "error")
    lines = [(row.row, _number(row.published), _number(row.simulated), _error(row), _mark(row)) for row in rows]
    return table(("row", *columns, "mark"), lines, right=columns)


def _matrix(rows: list[PublishedFigure]) -> str:
    """A line for each layer and a column for each value of the varied parameter: published / simulated."""
    key = rows[0].row.partition(", ")[2].partition("=")[0]
    lines: dict[str, dict[str, str]] = {}
    for row in rows:
        layer, _, point = row.row.partition(", ")
        published = "-" if row.published is None else f"{row.published:.1f}"
        lines.setdefault(layer, {})[point.partition("=")[2]] = f"{published} / {row.simulated:.1f}"
    points = list(dict.fromkeys(point for line in lines.values() for point in line))
    text = f"Published / simulated, by `{key}`; mark: {', '.join(dict.fromkeys(row.mark for row in rows))}.\n\n"
    return text + table(
        ("row", *points), ([layer, *(line.get(point, "") for point in points)] for layer, line in lines.items()), points
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.6g}"


def _mark(row: PublishedFigure) -> str:
    return "-" if row.published is None else row.mark


def _error(row: PublishedFigure) -> str:
    return "-" if row.error_percent is None else f"{row.error_percent:+.1f} %"
