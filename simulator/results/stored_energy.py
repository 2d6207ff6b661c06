"""The energy of a stored result: what `run --json` printed of a layer, or of a network's layers, checked."""

from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.pricing.energy import Line
from simulator.results.files import STANDARD_INPUT, read_document
from simulator.results.result import FORMAT
from workloads.errors import InputError, refuse
from workloads.yaml_files import shorten, validation_sentence

EXPECTED = "the JSON that `zeroskip run ... --json` prints"

Whole = Annotated[int, Field(ge=0, le=1 << 63)]
Amount = Annotated[float, Field(ge=0, le=1e60, allow_inf_nan=False)]


class Form(BaseModel):
    """A part of the document: no value is converted, and keys that nobody asks for are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, defer_build=True)


F = TypeVar("F", bound=Form)


class LineForm(Form):
    """See `simulator.pricing.energy.Line`."""

    component: str
    event: str
    times: Whole
    pj_each: Amount
    energy_pj: Amount
    source: str
    type: str | None = None
    leakage: bool = False


class LayerForm(Form):
    """What is read of a layer."""

    cycles: Annotated[int, Field(ge=1, le=1 << 63)]
    theoretical_cycles: Amount
    time_us: Annotated[float, Field(gt=0, le=1e60, allow_inf_nan=False)]
    load_balance: Amount
    multiplies: Whole
    dram_bytes: Whole
    counts: dict[str, Whole]
    energy_pj: dict[str, Amount]
    energy_lines: Annotated[list[LineForm], Field(min_length=1)]


class RowForm(LayerForm):
    """A layer of a network."""

    layer: str
    energy_uj: Amount


class HeadForm(Form):
    """What layers and networks have in common."""

    machine: str
    config: str
    workload: str


class TotalForm(Form):
    """A network's sums."""

    energy_uj: Amount


class Layer(NamedTuple):
    """A layer that ran."""

    number: int  # in its network, from 0
    name: str
    form: LayerForm
    lines: list[Line]
    energy_pj: dict[str, float]  # by component, and the total, as the file says
    energy_uj: float | None  # of a network's layer


class Stored(NamedTuple):
    """A result as its file gives it."""

    where: str
    machine: str
    config: str
    workload: str
    layers: list[Layer]
    left_out: dict[str, str]  # layers that did not run, and why
    total_uj: float | None  # of a network


def read_result(name: str) -> Stored:
    """Read a result's file, or standard input where the name is `-`. InputError where it is no such result."""
    where = "standard input" if name == STANDARD_INPUT else name
    content = read_document(name, EXPECTED)
    if content.get("format") != FORMAT:
        shown = f"its format is {shorten(repr(content['format']), 60)}" if "format" in content else "it has no format"
        refuse(where, shown, f"{FORMAT!r}: {EXPECTED}")
    head = _check(where, HeadForm, content)
    if "layers" not in content:
        layer = _layer(0, head.workload, _check(where, LayerForm, content))
        return Stored(where, head.machine, head.config, head.workload, [layer], {}, None)
    layers, left_out = _network(where, content["layers"])
    total = _check(f"{where}: total", TotalForm, content.get("total"))
    return Stored(where, head.machine, head.config, head.workload, layers, left_out, total.energy_uj)


def _check(where: str, form: type[F], content: object) -> F:
    try:
        return form.model_validate(content)
    except ValidationError as error:
        if not isinstance(content, dict):
            refuse(where, f"it is {shorten(repr(content), 60)}", EXPECTED)
        raise InputError(validation_sentence(where, form, error)) from None


def _network(where: str, rows: object) -> tuple[list[Layer], dict[str, str]]:
    """The layers that ran, and why the others did not."""
    if not isinstance(rows, list):
        refuse(where, f"layers is {shorten(repr(rows), 60)}", "a list of layers")
    layers: list[Layer] = []
    left_out: dict[str, str] = {}
    for number, row in enumerate(rows):
        name = row.get("layer") if isinstance(row, dict) else None
        if not isinstance(name, str):
            refuse(where, f"layers.{number}.layer is {shorten(repr(name), 60)}", "a layer's name")
        if row.get("reason") is not None:
            left_out[name] = str(row["reason"])
            continue
        form = _check(f"{where}: {shorten(name, 60)}", RowForm, row)
        layers.append(_layer(number, form.layer, form)._replace(energy_uj=form.energy_uj))
    if not layers:
        refuse(where, "none of its layers ran", "a result with energy")
    return layers, left_out


def _layer(number: int, name: str, form: LayerForm) -> Layer:
    lines = [Line(*(getattr(line, field) for field in Line._fields)) for line in form.energy_lines]
    return Layer(number, name, form, lines, form.energy_pj, None)
