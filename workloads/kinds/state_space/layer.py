"""State-space layers: in floating point, and in the numbers that a machine reads."""

from typing import NamedTuple

import numpy as np


class StateSpace(NamedTuple):
    """One or more steps of Mamba-2 for each of several sequences, in floating point: after the in-projection.

    A token is [z, x, B, C, dt]: heads x width numbers of z and of x, groups x state width of B and of C, and one dt of
    each head. Channels are those of x, B and C; heads h x heads / groups to (h + 1) x heads / groups - 1 share B and C.
    """

    name: str
    activation: np.ndarray  # float32 [sequences, steps, numbers of a token]
    state: np.ndarray  # float32 [sequences, heads, width, state width]
    window: np.ndarray  # float32 [sequences, channels, taps - 1]: inputs of the steps before, the oldest first
    weight: np.ndarray  # float32 [channels, taps]
    bias: np.ndarray  # float32 [channels]
    time_bias: np.ndarray  # float32 [heads]
    decay: np.ndarray  # float32 [heads]: A, the state falls with e**-(dt x A)
    skip: np.ndarray  # float32 [heads]: D


class CompressedStateSpace(NamedTuple):
    """The same with inputs, window and taps in BF16 and the state in its format.

    The output is float32: y [sequences, steps, heads, width], the new states, and the new windows, one after the other,
    so that no part of what a step writes can be wrong unseen; see `kernels_ref.state_space`. Arrays may be views
    without memory of their own: time and counts need no values.
    """

    name: str
    activation: np.ndarray  # bfloat16 [sequences, steps, numbers of a token]
    state: np.ndarray  # float32, float16 or bfloat16 [sequences, heads, width, state width]
    window: np.ndarray  # bfloat16 [sequences, channels, taps - 1]
    weight: np.ndarray  # bfloat16 [channels, taps]
    bias: np.ndarray  # float32 [channels]
    time_bias: np.ndarray  # float32 [heads]
    decay: np.ndarray  # float32 [heads]
    skip: np.ndarray  # float32 [heads]
    state_format: str
    own_format: bool = False  # the network chose the format, so that a machine takes it as it is
    notes: tuple[str, ...] = ()
    state_error: float = 0.0  # |h' - h| / |h| of the given states

    @property
    def number_format(self) -> str:
        """Of the states."""
        return self.state_format

    @property
    def sequences(self) -> int:
        """Each with a state and a window."""
        return self.state.shape[0]

    @property
    def steps(self) -> int:
        """Tokens of a sequence that are computed with one read and one write of its state."""
        return self.activation.shape[1]

    @property
    def heads(self) -> int:
        """Of a sequence."""
        return self.state.shape[1]

    @property
    def head_width(self) -> int:
        """Numbers of x of a head."""
        return self.state.shape[2]

    @property
    def state_width(self) -> int:
        """Numbers of B and of C of a group: of the state for each number of x."""
        return self.state.shape[3]

    @property
    def groups(self) -> int:
        """Of heads that share B and C."""
        return groups_of(self.weight.shape[0], self.state.shape)

    @property
    def taps(self) -> int:
        """Of the convolution, the new input's one among them."""
        return self.weight.shape[1]

    @property
    def inputs(self) -> int:
        """Numbers of a token."""
        return self.activation.shape[2]

    @property
    def outputs(self) -> int:
        """Numbers of y."""
        return self.sequences * self.steps * self.heads * self.head_width

    @property
    def dense_operations(self) -> int:
        """Two for each multiply-add: see `multiplies`."""
        tokens = self.sequences * self.steps
        return (
            2
            * tokens
            * self.groups
            * multiplies(self.heads // self.groups, self.head_width, self.state_width, self.taps)
        )

    def output_of(self, output: np.ndarray, state: np.ndarray, window: np.ndarray) -> np.ndarray:
        """What a run puts out, float32 [numbers]: y, states and windows, each [sequences, ...] of any float type."""
        return np.concatenate([one.astype(np.float32).ravel() for one in (output, state, window)])


def groups_of(channels: int, state: tuple[int, ...]) -> int:
    """Groups of heads of a layer with a state [sequences, heads, width, state width]; 0 where channels do not fit."""
    _, heads, width, wide = state
    groups, rest = divmod(channels - heads * width, 2 * wide)
    return groups if not rest and groups > 0 and heads % groups == 0 else 0


def token_width(heads: int, width: int, wide: int, groups: int) -> int:
    """Numbers of a token: z, x, B, C and dt."""
    return 2 * heads * width + 2 * groups * wide + heads


def multiplies(heads: int, width: int, wide: int, taps: int) -> int:
    """Multiply-adds of a token for a group of `heads`.

    Three for each number of the state: its decay, its addition, and its part of y; a tap for each channel; three for
    each number of x: times dt, times D, times SiLU(z).
    """
    return 3 * heads * width * wide + taps * (heads * width + 2 * wide) + 3 * heads * width


def exponentials(heads: int, width: int, wide: int) -> int:
    """Exponentials and logarithms of a token for a group of `heads`.

    One for each SiLU, of channels and of z; three for each head: two of softplus, and the decay.
    """
    return 2 * heads * width + 2 * wide + 3 * heads
