"""Powers of two, exponentials and a logarithm in FP32, as vector units compute them: polynomials without fused steps.

2**x is a polynomial of degree 5 in the part of x after the point (Horner), and an addition to the exponent; what is
below 2**-126 is zero. log(1 + e) for e from 0 to 1 is s = e / (2 + e) times a polynomial of degree 4 in s * s, as
log(1 + e) = 2 * atanh(s).
"""

import numpy as np

POWER = tuple(
    np.float32(one)
    for one in (1.0, 0.6931512951850891, 0.24016444385051727, 0.05579992011189461, 0.00901702418923378,
                0.0018671323778107762)
)  # fmt: skip
"""2**f for 0 <= f <= 1, lowest power first: fitted for the least relative error, 2e-7 as rounded."""
LOGARITHM = tuple(
    np.float32(one)
    for one in (2.0, 0.6666631698608398, 0.40024909377098083, 0.27960604429244995, 0.28178325295448303)
)  # fmt: skip
"""2 * atanh(s) / s in s * s for 0 <= s <= 1/3, lowest power first: fitted for the least relative error, 3e-7."""
LEAST, LOG2E = np.float32(-126), np.float32(np.log2(np.e))


def power_of_two(x: np.ndarray) -> np.ndarray:
    """Powers 2**x, float32, for x, float32 [any shape], of at most 0; minus infinity gives 0."""
    whole = np.floor(np.maximum(x, LEAST))
    part = np.maximum(x, LEAST) - whole
    return np.where(x < LEAST, np.float32(0), np.ldexp(_polynomial(POWER, part), whole.astype(np.int32)))


def falling(x: np.ndarray) -> np.ndarray:
    """Exponentials e**-x, float32, of x, float32 [any shape], at least 0, as 2**(-x * log2(e)); infinity gives 0."""
    return power_of_two(-x * LOG2E)


def log_of_one_and(e: np.ndarray) -> np.ndarray:
    """The logarithm log(1 + e), float32, for e, float32 [any shape], from 0 to 1."""
    s = e / (np.float32(2) + e)
    return s * _polynomial(LOGARITHM, s * s)


def _polynomial(factors: tuple[np.float32, ...], x: np.ndarray) -> np.ndarray:
    """The polynomial with `factors`, lowest power first, at x, float32 [any shape]: float32 of that shape."""
    value = np.full_like(x, factors[-1])
    for factor in factors[-2::-1]:
        value = value * x + factor
    return value
