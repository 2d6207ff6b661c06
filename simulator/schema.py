"""What a configuration file looks like."""

from typing import Annotated

from pydantic import Field, model_validator

from workloads.documents import Strict, Text

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


class SourcedAmount(Strict):
    """A positive number of the technology."""

    value: Positive
    source: Text


class SourcedShare(Strict):
    """A component's share of static power or area; `type` as in a price."""

    value: Amount
    per: Text
    type: Text | None = None
    source: Text


class SourcedPrice(Strict):
    """A price: one `value`, or a `table` of prices by a key of the architecture.

    Beside its component it may name a `type` (memory, register ...): a second way to split the same energy.
    """

    value: Amount | None = None
    by: Text | None = None
    table: Annotated[dict[Count, Positive], Field(min_length=2)] | None = None
    component: Text
    type: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _one_of_two(self) -> "SourcedPrice":
        if (self.value is None) == (self.table is None) or (self.table is None) != (self.by is None):
            raise ValueError("either a value, or a table with the key that it goes by")
        return self


class TechnologyFile(Strict):
    """The part `technology` of a configuration file."""

    node_nm: SourcedAmount
    clock_mhz: SourcedAmount
    static_mw: dict[str, SourcedShare]
    energy_pj: dict[str, SourcedPrice]
    area_um2: dict[str, SourcedShare]


class ConfigFile(Strict):
    """A configuration file."""

    machine: Text
    about: Text
    arch: dict[str, Sourced]
    memory: dict[str, SourcedName] = Field(default_factory=dict)
    technology: TechnologyFile
