"""The configurations that the studies of frames run, out of `machines.yaml`."""

from functools import cache
from importlib.resources import files

import yaml


@cache
def configurations() -> dict[str, list[str]]:
    """Names of configurations, by what they run."""
    text = files(__package__).joinpath("machines.yaml").read_text("utf-8")
    found: dict[str, list[str]] = yaml.safe_load(text)
    return found
