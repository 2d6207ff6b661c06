"""Values that readers forget: extreme numbers, odd texts, other types."""

import math
from random import Random
from typing import Any

INTEGERS = [0, 1, -1, 2, 3, 7, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**62, 2**63 - 1, 2**63]
INTEGERS += [-(2**31), -(2**63), 2**64, 10**20, 10**40, 1000, 20000, 10**6, 10**9]
FLOATS = [0.0, -0.0, 0.5, 1.0, 1e-3, 1e-45, 5e-324, 1e308, -1e308, 1e39, 1e19, math.nan, math.inf, -math.inf, 0.1 + 0.2]
TEXTS = ["", " ", "a", "nan", "inf", "-1", "0x10", "1_0", "1e400", "1:2", "é", "\u2028", "\ud800", "\x1b[31m", "a\nb"]
TEXTS += ["true", "null", "~", "=", ":", "..", "/", "%s", "{}", "[1]", "x" * 300, "layer", "٣", "\uff11\uff12", "²"]
TOKENS = [b"0", b"-1", b"2147483648", b"9223372036854775808", b"1e308", b"1e999", b"nan", b"inf", b"-0.0", b"1_0"]
TOKENS += [b"0x7f", b"1e-320", b"99999999999999999999", b"4294967296", b"20000", b"1000000", b"0.5", b"", b"07", b"3"]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [1, 2], {"a": 1}, {"value": 1, "source": "x"}]


def wild(rng: Random) -> Any:
    """Any value."""
    return rng.choice(rng.choice([INTEGERS, FLOATS, TEXTS, OTHERS]))


def like(value: Any, rng: Random) -> Any:
    """A value that is mostly of the type of another one."""
    if rng.random() < 0.2:
        return wild(rng)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice([rng.choice(INTEGERS), value + 1, value - 1, value * 2, -value, rng.randrange(64)])
    if isinstance(value, float):
        return rng.choice([rng.choice(FLOATS), value * 10, -value, value / 3, rng.random()])
    if isinstance(value, str):
        cut = rng.randrange(len(value) + 1)
        return rng.choice([rng.choice(TEXTS), value[:cut], value + value, value[cut:] + value[:cut], value.upper()])
    return wild(rng)
