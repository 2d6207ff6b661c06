"""An array that is folded for few tokens: parts of its rows work on outputs of their own.

Folded `f` times, an array of rows x columns is one of rows / f x columns x f, and steps have as many weights as before.
"""

from simulator.machines.tensor.arch import STEP, Arch

ALL = 1 << 62
"""Outputs of an array that may be folded as often as its rows allow."""


def folds_of(arch: Arch, tokens: int, outputs: int) -> int:
    """How often the array is folded for a layer: a power of two that leaves a row for each token.

    No more often than that its columns hold all outputs.
    """
    found = 1
    while 2 * found <= arch.folds and arch.rows // (2 * found) >= tokens and arch.columns * found < outputs:
        found *= 2
    return found


def fold_attention(arch: Arch, times: int) -> Arch:
    """The machine as attention sees it where it is folded: each fold works on a block of keys of its own.

    So there are buffers for as many blocks more, and scores of as many blocks more are computed ahead.
    """
    if times == 1:
        return arch
    return arch._replace(operand_buffers=arch.operand_buffers * times, scores_ahead=arch.scores_ahead * times)


def fold(arch: Arch, tokens: int, outputs: int) -> Arch:
    """The array as a layer with these tokens and outputs sees it."""
    times = folds_of(arch, tokens, outputs)
    if times == 1:
        return arch
    depth = max(STEP, arch.tile_k // times // STEP * STEP)
    return arch._replace(rows=arch.rows // times, columns=arch.columns * times, tile_k=depth)
