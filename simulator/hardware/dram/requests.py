"""The requests that a machine sends to one DRAM channel."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.spec import Dram


class Requests(NamedTuple):
    """The requests that a machine sends to one DRAM channel, in order; arrays int64 [requests]."""

    dram: Dram
    line: np.ndarray  # addresses, in lines of the channel
    write: np.ndarray  # 1 = write, 0 = read
    cycle: np.ndarray  # the machine's cycle in which each request is sent
