"""The command `explain`: where a result's joules come from."""

from typing import TYPE_CHECKING

from simulator.cli.console import CsvFlag, JsonFlag, console, one_format, put_out
from simulator.cli.pricing import ErtOption, ResultName, complain, read_priced
from workloads.document_types import Document

if TYPE_CHECKING:
    from simulator.results.stored_energy import Stored


def explain(result: ResultName, ert: ErtOption = None, as_json: JsonFlag = False, as_csv: CsvFlag = False) -> None:
    """Show for each joule of a result its event, count, price and the price's source; exit code 1 if sums are off."""
    import pandas as pd

    from simulator.cli.tables.energy import print_energy

    one_format(as_json, as_csv)
    stored, wrong = read_priced(result, ert)
    rows = [{"layer": layer.name, **line._asdict()} for layer in stored.layers for line in layer.lines]
    put_out(
        as_json,
        as_csv,
        lambda: _document(stored, wrong),
        lambda: pd.DataFrame(rows),
        lambda: print_energy(console(), stored),
    )
    complain(wrong)


def _document(stored: "Stored", wrong: list[str]) -> Document:
    """The lines and their sums, as JSON can hold them."""
    from simulator.pricing.energy import by_component
    from simulator.results.audit import SUMMATION, network_energy

    layers = [
        {
            "layer": layer.name,
            "energy_lines": [line._asdict() for line in layer.lines],
            "energy_pj": by_component(layer.lines),
        }
        for layer in stored.layers
    ]
    about = {"machine": stored.machine, "config": stored.config, "workload": stored.workload, "layers": layers}
    return {**about, "energy_pj": network_energy(stored), "summation": SUMMATION, "disagreements": wrong}
