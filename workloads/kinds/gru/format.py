"""What a machine wants a GRU compressed to."""

from typing import NamedTuple


class GruFormat(NamedTuple):
    """What a GRU is compressed to."""

    input_threshold: int = 0  # an input is sent where it changed by this or more, in 1/256
    state_threshold: int = 0  # a state likewise
    table_bits: int = 8  # fraction bits of what the tables of sigmoid and tanh give
    pes: int = 8  # balanced pruning keeps as many weights of a column in each of them
