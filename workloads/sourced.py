"""Numbers of a configuration, each with its source."""

from typing import Annotated

from pydantic import Field

from workloads.yaml_files import Strict, Text

LEAST, MOST = 1e-6, 1e9
"""Of a positive number: beyond these, results would leave the range of floats."""


Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]


Positive = Annotated[float, Field(ge=LEAST, le=MOST, allow_inf_nan=False)]


Count = Annotated[int, Field(ge=1)]


class Sourced(Strict):
    """An integer of the architecture."""

    value: int
    source: Text


class SourcedName(Strict):
    """The name of a memory."""

    value: Text
    source: Text


class SourcedEnergy(Strict):
    """An energy in pJ, which may be zero."""

    value: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
    source: Text


class SourcedAmount(Strict):
    """A positive number of the technology."""

    value: Positive
    source: Text
