"""A result beside what its machine's paper publishes for just this run; nothing is simulated for it."""

from typing import Any

from simulator.core.registry import accelerators
from simulator.html.parts import Section, Sentences, make_grid
from workloads.kinds.convolution.recipe import ConvolutionRecipe
from workloads.kinds.lstm.recipe import LstmRecipe
from workloads.sources.zoo.recipes import AnyRecipe, zoo

TOLERANCE = 0.02
"""Relative, between the density of a draw and its recipe's: a layer has a whole number of non-zeros."""
COLUMNS = ("paper", "table", "row", "quantity", "published", "this result", "error (%)", "how it is known")


def published(told: dict[str, Any]) -> Section | None:
    """The figures of the papers of all machines in a result; None where there are none for it."""
    machines = [one["machine"] for one in told.get("machines", {"": told}).values()]
    if "arch" in told and not is_as_in_the_zoo(told):
        return None
    rows = []
    for name in dict.fromkeys(machines):
        machine = accelerators().get(name)
        if machine is not None and machine.has("beside"):
            rows += machine.part("beside").rows(told)
    if not rows:
        return None
    said = (
        "These are the published figures that this very run can be put beside, one draw against the paper's layer; "
        "no simulation was made for this page. `zeroskip validate` simulates all tables, as means over draws.",
    )
    return Section("Beside the paper", (Sentences(said), make_grid("", COLUMNS, rows)))


def is_as_in_the_zoo(told: dict[str, Any]) -> bool:
    """Whether a layer was drawn with the shape and densities of the zoo's recipe of its name."""
    recipe = zoo().get(told["workload"])
    if told.get("workload_source") != "zoo" or recipe is None or told.get("time_steps", 1) != 1:
        return False
    return _shape(recipe) == (told["inputs"], told["outputs"]) and all(
        abs(found - wanted) <= TOLERANCE * wanted for found, wanted in _densities(recipe, told)
    )


def _shape(recipe: AnyRecipe) -> tuple[int, int]:
    if isinstance(recipe, ConvolutionRecipe):
        return recipe.shape.inputs, recipe.shape.outputs
    return recipe.inputs.value, recipe.outputs.value


def _densities(recipe: AnyRecipe, told: dict[str, Any]) -> list[tuple[float, float]]:
    """Found and wanted, of weights and activations; an LSTM's recipe counts padding entries as weights."""
    if isinstance(recipe, LstmRecipe):
        entries = told["weight_density"] * told["entries"] / told["multiplies"]
        return [(entries, recipe.weight_density.value)]
    weights = told["weight_density"], recipe.weight_density.value
    return [weights, (told["activation_density"], recipe.activations.density.value)]
