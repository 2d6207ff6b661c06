"""The numpy frontend: from a published shape or a file to a compressed layer."""

import kernels_ref  # noqa: F401 - decides where compiled functions are kept, before anything imports Numba
