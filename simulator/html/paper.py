"""A result and what its machine's paper publishes for just this run; nothing is simulated for it."""

from simulator.core.published import PublishedFigure
from simulator.core.registry import machines
from simulator.html.parts import Section, Sentences, make_grid
from workloads.document_types import Document
from workloads.kinds import kind_of_recipe
from workloads.sources.zoo.recipes import zoo

TOLERANCE = 0.02
"""Relative, between the density of a draw and its recipe's: a layer has a whole number of non-zeros."""
COLUMNS = ("paper", "table", "row", "quantity", "published", "this result", "error (%)", "how it is known")


def published(result: Document) -> Section | None:
    """The figures of the papers of all machines in a result; None where there are none for it."""
    names = [one["machine"] for one in result.get("machines", {"": result}).values()]
    if "arch" in result and not is_as_in_the_zoo(result):
        return None
    rows: list[PublishedFigure] = []
    for name in dict.fromkeys(names):
        machine = machines().get(name)
        paper = None if machine is None else machine.paper()
        if paper is not None and paper.of_result is not None:
            rows += paper.of_result(result)
    if not rows:
        return None
    said = (
        "These are the published figures that this very run can be compared with, one draw against the paper's layer; "
        "no simulation was made for this page. `zeroskip validate` simulates all tables, as means over draws.",
    )
    return Section(
        "The paper's figures", (Sentences(said), make_grid("", COLUMNS, [row[: len(COLUMNS)] for row in rows]))
    )


def is_as_in_the_zoo(result: Document) -> bool:
    """Whether a layer was drawn with the shape and densities of the zoo's recipe of its name."""
    recipe = zoo().get(result["workload"])
    if result.get("workload_source") != "zoo" or recipe is None:
        return False
    pairs = kind_of_recipe(recipe).agrees(recipe, result)
    return all(abs(found - wanted) <= (0 if isinstance(wanted, int) else TOLERANCE * wanted) for found, wanted in pairs)
