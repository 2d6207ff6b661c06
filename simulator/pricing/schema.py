"""What the part `technology` of a configuration file looks like."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workloads.sourced import Amount, Count, Positive, SourcedAmount
from workloads.yaml_files import Strict, Text


class SourcedShare(Strict):
    """A component's share of static power or area: a `value` for each `per`, or that of `sram`, one of the arrays.

    The component is called as the entry, where nothing else is said; `type` as in a price.
    """

    value: Amount | None = None
    per: Text | None = None
    sram: Text | None = None
    component: Text | None = None
    type: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _one_of_two(self) -> "SourcedShare":
        if (self.value is None) == (self.sram is None) or (self.value is None) != (self.per is None):
            raise ValueError("either a value with what it is per, or an sram")
        return self


class SourcedPrice(Strict):
    """A price: a `value`; a `table` of prices by a key of the architecture; or some `times` an access to an `sram`.

    In addition to its component it may name a `type` (memory, register ...): a second way to split the same energy.
    """

    value: Amount | None = None
    by: Text | None = None
    table: Annotated[dict[Count, Positive], Field(min_length=2)] | None = None
    sram: Text | None = None
    access: Literal["read", "write"] | None = None
    times: Positive | None = None
    component: Text
    type: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _one_of_three(self) -> "SourcedPrice":
        one = sum(way is not None for way in (self.value, self.table, self.sram)) == 1
        whole = (self.table is None) == (self.by is None) and (self.sram is None) == (self.access is None)
        if not one or not whole or (self.times is not None and self.sram is None):
            raise ValueError("either a value, or a table with the key that it goes by, or an sram with its access")
        return self


Factor = Count | Text


Product = Factor | Annotated[list[Factor], Field(min_length=1)]
"""A number, a key of the architecture, or several of them to be multiplied."""


class SramFile(Strict):
    """Equal SRAM arrays: their size, cell and node, for which they are looked up; numbers given here have priority.

    capacity: bytes of all `arrays` together. per: a kind of the machine's units; each unit has `arrays` of them.
    """

    capacity: Product
    width: Product
    arrays: Product = 1
    cell: Text | None = None
    node_nm: Positive | None = None
    per: Text
    read_pj: SourcedAmount | None = None
    write_pj: SourcedAmount | None = None
    leakage_mw: SourcedAmount | None = None
    area_mm2: SourcedAmount | None = None
    access_ns: SourcedAmount | None = None
    source: Text


class SourcedPricing(Strict):
    """Who prices DRAM: `flat`, the prices of the machine's events, or `data_sheet`, what each command draws."""

    value: Literal["flat", "data_sheet"]
    source: Text


class TechnologyFile(Strict):
    """The part `technology` of a configuration file.

    prices_nm: the technology node of `energy_pj` and `static_mw`; area_nm: of `area_um2`, where it is another one.
    """

    prices_nm: SourcedAmount
    area_nm: SourcedAmount | None = None
    clock_mhz: SourcedAmount
    dram_energy: SourcedPricing = SourcedPricing(value="flat", source="as energy_pj and static_mw have it")
    srams: dict[str, SramFile] = Field(default_factory=dict)
    static_mw: dict[str, SourcedShare]
    energy_pj: dict[str, SourcedPrice]
    area_um2: dict[str, SourcedShare]

    @property
    def areas_of(self) -> SourcedAmount:
        """The technology node of the areas."""
        return self.area_nm or self.prices_nm
