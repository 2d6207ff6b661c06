"""The sums over the layers of a network."""

from typing import NamedTuple

from workloads.field_docs import describe_fields


@describe_fields(
    layers="The layers over which the sums are.",
    cycles="Their sum.",
    time_us="Their sum.",
    energy_uj="Their sum.",
    edp_uj_us="The sum of energies times the sum of times.",
    dram_bytes="Their sum.",
    output_matches_reference="Whether each output equals the reference kernel's, bit for bit.",
)
class Total(NamedTuple):
    """Sums over layers; `edp_uj_us` is the product of the sums of energy and time."""

    layers: tuple[str, ...]
    cycles: int
    time_us: float
    energy_uj: float
    edp_uj_us: float
    dram_bytes: int
    output_matches_reference: bool
