"""Bit-accurate reference kernels: what a machine must compute, with no notion of cycles."""

from kernels_ref.cache import keep_by_content
from kernels_ref.numba_settings import ignore_settings

ignore_settings()
keep_by_content()  # before anything imports Numba
