"""How long a new object waits for a result, where one machine takes the same time for each frame: in closed form.

Frames come every T, the machine takes L, the object is there from a frame on and is seen in every frame that is served.
"""

from math import gcd
from typing import NamedTuple

from simulator.system.camera.camera import NEWEST


class Wait(NamedTuple):
    """In ps, over objects that appear with each frame equally often."""

    mean: float
    most: int


def closed_form(policy: str, period_ps: int, service_ps: int) -> Wait:
    """The wait with the policy `newest` (one frame waits) or `drop` (none waits).

    L <= T: L. Else, with `drop`, the machine begins every ceil(L / T) frames, with a frame that has just come:
    the mean is L + (ceil(L / T) - 1) T / 2, the most L + (ceil(L / T) - 1) T. With `newest` it begins every L: the mean
    is L + (L - g) / 2, the most 2 L - g, where g is the greatest common divisor of both.

    >>> closed_form("drop", 10, 25), closed_form("newest", 10, 25), closed_form("newest", 3, 5)
    (Wait(mean=35.0, most=45), Wait(mean=35.0, most=45), Wait(mean=7.0, most=9))
    """
    if service_ps <= period_ps:
        return Wait(float(service_ps), service_ps)
    more = service_ps - gcd(service_ps, period_ps) if policy == NEWEST else (service_ps - 1) // period_ps * period_ps
    return Wait(service_ps + more / 2, service_ps + more)
