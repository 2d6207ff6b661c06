"""What the search is measured on: small grids that can be run to the last point."""

from typing import NamedTuple

SCALE = {"scale": 0.1}
FIGURES = ("time_us", "energy_uj", "area_mm2")


class Case(NamedTuple):
    """A grid of about 2,000 points."""

    machine: str
    workload: str
    keys: dict[str, list[int] | list[str]]
    minimise: tuple[str, ...] = FIGURES

    @property
    def name(self) -> str:
        """Of its store."""
        return f"{self.machine}-{self.workload.replace('/', '-')}"


CASES = (
    Case(
        "eie_cacti",
        "vgg16-fc8",
        {
            "pes": [2, 4, 8, 12, 16, 24, 32, 48, 64, 96],
            "queue_depth": [2, 3, 4, 6, 8, 12, 16, 24],
            "spmat_width_bits": [32, 64, 128, 256, 512],
            "spmat_bytes": [8192, 16384, 32768, 65536, 131072],
        },
    ),
    Case(
        "scnn_8x8",
        "googlenet-3a-3x3",
        {
            "rows": [1, 2, 3, 4, 6],
            "columns": [1, 2, 3, 4, 6],
            "weights_per_vector": [1, 2, 4, 8],
            "activations_per_vector": [1, 2, 4, 8],
            "queue_depth": [1, 2, 4, 8, 16],
        },
    ),
    Case(
        "ese_32x32",
        "google-lstm",
        {
            "pes": [2, 4, 6, 8, 12, 16, 24, 32, 40, 48],
            "queue_depth": [1, 2, 4, 8, 16],
            "element_lanes": [1, 2, 4, 8],
            "clock_mhz": [100, 150, 200, 250, 300],
            "unit_bits": [128, 512],
        },
        ("time_us", "energy_uj", "block_rams"),
    ),
)
"""Those of the page. Nothing of the search was chosen on them."""
TUNING = (
    Case("eie_64pe", "alexnet-fc8", {"pes": [*range(4, 132, 4)], "queue_depth": [*range(2, 18)],
                                     "spmat_width_bits": [32, 64, 128, 256]}),
    Case("dcnn", "vgg16-conv3_2", {"rows": [1, 2, 3, 4, 6, 8], "columns": [1, 2, 3, 4, 6, 8],
                                   "multipliers": [2, 4, 8, 16, 32], "group_channels": [8, 16, 32, 64],
                                   "clock_mhz": [400, 800, 1000]}),
    Case("tensor", "vgg16-fc7", {"rows": [8, 16, 32, 64], "columns": [8, 16, 32, 64, 128],
                                 "tile_k": [64, 128, 256, 512], "operand_buffers": [2, 3, 4, 6],
                                 "memory_channels": [1, 2, 4, 8], "weight_format": ["nvfp4", "fp8"]}, FIGURES[:2]),
    Case("scnn_8x8", "vgg16-conv4_2", {"rows": [1, 2, 4, 6, 8], "columns": [1, 2, 4, 6, 8],
                                       "weights_per_vector": [1, 2, 4, 8], "activations_per_vector": [1, 2, 4, 8],
                                       "banks": [16, 32, 64], "bank_entries": [16, 64]}),
    Case("eie_cacti", "alexnet-fc8", {"pes": [4, 8, 16, 32, 48, 64, 96, 128], "queue_depth": [2, 4, 8, 16],
                                      "spmat_width_bits": [16, 32, 64, 128],
                                      "spmat_bytes": [4096, 16384, 65536, 131072],
                                      "clock_mhz": [200, 400, 600, 800]}),
)  # fmt: skip
"""Those on which the sampler, its population and the size of a batch were chosen, with the seeds 100 to 104."""
