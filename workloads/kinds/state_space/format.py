"""What a machine wants a state-space layer compressed to."""

from typing import NamedTuple

import numpy as np
from ml_dtypes import bfloat16

STATE_TYPES = {"fp32": np.dtype(np.float32), "fp16": np.dtype(np.float16), "bf16": np.dtype(bfloat16)}
"""Formats of a state -> the type of its numbers."""


class StateSpaceFormat(NamedTuple):
    """The format in which the state of a sequence is kept from one run to the next."""

    state_format: str = "fp32"
