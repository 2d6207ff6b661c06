"""What a machine asks of one DRAM channel."""

from typing import NamedTuple

import numpy as np

from simulator.hardware.dram.spec import Dram


class Requests(NamedTuple):
    """What a machine asks of one memory channel, in order."""

    dram: Dram
    line: np.ndarray  # int64: addresses, in lines of the DRAM
    write: np.ndarray  # int64: 1 = written
    cycle: np.ndarray  # int64: of the machine, in which each is asked for
