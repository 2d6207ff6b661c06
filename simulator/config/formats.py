"""The number format of the weights as a setting of a configuration, on machines that have a choice."""

from collections.abc import Mapping
from os import PathLike

from simulator.config.load import Config, load_arch
from simulator.core.registry import machines
from workloads.errors import InputError
from workloads.yaml_files import shorten

WEIGHT_FORMAT = "weight_format"
"""Its key."""


def load_with_format(name: str | PathLike[str], changes: Mapping[str, float | str], form: str | None) -> Config:
    """`load_arch`, with the number format of the weights where one is given.

    InputError also where the machine has no choice of formats, or where the changes give a format, too.
    """
    if form is None:
        return load_arch(name, **changes)
    try:
        config = load_arch(name, **changes)
    except InputError:  # what does not fit the file's format may fit this one
        return load_arch(name, **{**changes, WEIGHT_FORMAT: form})
    if WEIGHT_FORMAT not in config.written:
        having = [one for one, machine in machines().items() if WEIGHT_FORMAT in machine.arch_type._fields]
        known = f"none, as the machines with a choice of formats are {', '.join(having)}"
        raise InputError(f"{config.name}: format is {shorten(form, 40)}; expected {known}")
    if WEIGHT_FORMAT in changes:
        asked = f"format is {shorten(form, 40)} and {WEIGHT_FORMAT} is {changes[WEIGHT_FORMAT]}"
        raise InputError(f"{asked}; expected one of them, as both are the number format")
    return load_arch(name, **{**changes, WEIGHT_FORMAT: form})
