"""The simulator: machines, their models and engines, prices, sweeps, reports. The public names are in `zeroskip`."""

import workloads  # noqa: F401 - decides where compiled functions are kept, before anything imports Numba
