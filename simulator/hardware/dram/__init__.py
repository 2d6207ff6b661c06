"""An open-page DRAM channel: `arch` (its numbers), `channel` (SimPy), `engine` (Numba), `energy` (its prices)."""
