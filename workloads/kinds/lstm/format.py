"""What a machine wants an LSTM compressed to."""

from typing import NamedTuple


class LstmFormat(NamedTuple):
    """What an LSTM is compressed to."""

    weight_bits: int = 12
    pes: int = 32  # of a channel: pruning may keep their work equal
    balanced: bool = True
    table_points: int = 2048  # of sigmoid and tanh, a power of 2
    sigmoid_range: int = 64  # arguments from -range to range, a power of 2
    tanh_range: int = 128
    voices: int = 1  # sequences that run together: as many are drawn
