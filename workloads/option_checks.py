"""Options of workloads as users give them -> options of the types that their fields state."""

from collections.abc import Mapping
from numbers import Integral, Real
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn

from workloads.array_checks import as_array
from workloads.errors import InputError
from workloads.yaml_files import shorten

if TYPE_CHECKING:
    from workloads.options import Formats, WorkloadOptions

LEAST = {"seed": 0, "sample": 0, "granularity": 0, "steps": 1, "stride": 1, "padding": 0, "tokens": 1, "batch": 1,
         "context": 1, "drafts": 0, "lora": 0}  # fmt: skip
"""Of the options that are whole numbers."""
MOST = (1 << 63) - 1
"""Of whole numbers: what a store holds."""
OPTIONAL = (
    "steps", "stride", "padding", "tokens", "density", "activation_density", "layer", "prune", "input_shape", "step",
    "batch", "context",
)  # fmt: skip
"""Options that may be None."""
GRANULARITIES = "0 (weights), 1 (rows), 2 (kernels), 3 (filters) or 4 (blocks of 16 outputs)"
PRUNINGS = ("balanced", "plain")
STEPS = ("decode", "prefill")


def check_options(options: "WorkloadOptions") -> "WorkloadOptions":
    """The options with numpy's numbers and lists as plain ones. InputError where one is of a wrong type or range."""
    given = {key: value for key, value in options._asdict().items() if value is not None or key not in OPTIONAL}
    checked: dict[str, Any] = {key: _whole(key, given[key]) for key in LEAST if key in given}
    if "density" in given:
        checked["density"] = _share("density", given["density"])
    if "activation_density" in given:
        checked["activation_density"] = _share("activation_density", given["activation_density"])
    checked["scale"] = _number("scale", given["scale"], "a number above 0 and at most 1")
    if not 0 < checked["scale"] <= 1:
        _refuse("scale", given["scale"], "a number above 0 and at most 1")
    if checked["granularity"] > 4:
        _refuse("granularity", given["granularity"], GRANULARITIES)
    if "layer" in given and not isinstance(given["layer"], str):
        _refuse("layer", given["layer"], "the name of a layer")
    prune = given.get("prune", "plain")
    if not isinstance(prune, str) or prune not in PRUNINGS:
        _refuse("prune", prune, " or ".join(PRUNINGS))
    step = given.get("step", "decode")
    if not isinstance(step, str) or step not in STEPS:
        _refuse("step", step, " or ".join(STEPS))
    if not isinstance(given["computed"], bool):
        _refuse("computed", given["computed"], "True or False")
    _check_mapping("recipe", given["recipe"], "numbers of a recipe by their keys")
    _check_formats(given["formats"])
    if "input_shape" in given:
        checked["input_shape"] = _shape(given["input_shape"])
    return options._replace(**checked, activation=given_input(given["activation"]))


def given_input(value: Any) -> Any:
    """An input: None, a path, an array or arrays by name, lists as arrays. InputError where it is none of them."""
    if value is None or isinstance(value, str | PathLike):
        return value
    if isinstance(value, Mapping):
        _check_mapping("activation", value, "arrays by the names of inputs or layers")
        return {name: as_array(f"activation {name}", array) for name, array in value.items()}
    array = as_array("activation", value, "numbers, arrays by name, or the path of an .npz file")
    return array.ravel() if hasattr(value, "tocoo") and 1 in array.shape else array


def _whole(key: str, value: object) -> int:
    least = LEAST[key]
    expected = GRANULARITIES if key == "granularity" else f"a whole number, {least} or more"
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        _refuse(key, value, expected)
    if int(value) > MOST:
        _refuse(key, value, f"at most {MOST}")
    return int(value)


def _share(key: str, value: object) -> float:
    number = _number(key, value, "a number from 0 to 1")
    if not 0 <= number <= 1:
        _refuse(key, value, "a number from 0 to 1")
    return number


def _number(key: str, value: object, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        _refuse(key, value, expected)
    return value if isinstance(value, int) else float(value)


def _check_mapping(key: str, value: object, expected: str) -> None:
    if not isinstance(value, Mapping):
        _refuse(key, value, expected)
    for name in value:
        if not isinstance(name, str):
            _refuse(f"a name in {key}", name, "a text")


def _check_formats(formats: "Formats") -> None:
    from workloads.kinds import kinds

    _check_mapping("formats", formats, "formats by kind of layer, as `machine.formats(arch)` gives them")
    for name, value in formats.items():
        if name not in kinds():
            _refuse("a kind in formats", name, f"one of {', '.join(kinds())}")
        if not isinstance(value, tuple):
            _refuse(f"formats[{name!r}]", value, "a format of that kind, as `machine.formats(arch)` gives it")


def _shape(value: Any) -> Any:
    """A text, or sizes as a tuple, or those by name."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        _check_mapping("input_shape", value, "sizes by the names of inputs")
        return {name: _sizes(f"input_shape of {name}", sizes) for name, sizes in value.items()}
    return _sizes("input_shape", value)


def _sizes(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return value
    whole = isinstance(value, list | tuple) and all(
        isinstance(one, Integral) and not isinstance(one, bool) and int(one) > 0 for one in value
    )
    if not whole or not value:
        _refuse(key, value, "sizes such as (1, 3, 224, 224), or a text of them")
    return tuple(int(one) for one in value)


def _refuse(key: str, value: object, expected: str) -> NoReturn:
    raise InputError(f"{key} is {shorten(repr(value), 60)}; expected {expected}")
