"""The scaling equations of Stillmaker and Baas (Integration, 2017), 65 to 7 nm: polynomials of the voltage in V."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from simulator.pricing.scaling.factors import Factors


class Node(NamedTuple):
    """The polynomials of a node, coefficients from the highest power of the voltage down; area relative to 45 nm."""

    delay: tuple[float, ...]
    energy: tuple[float, ...]
    power: tuple[float, ...]
    area: float
    volts: float  # nominal voltage

    def at(self, volts: float | None = None) -> Factors:
        """The factors at a voltage in V (default: nominal). The paper has no leakage: its power is used for it."""
        voltage = self.volts if volts is None else volts
        energy, power, delay = (_evaluate(row, voltage) for row in (self.energy, self.power, self.delay))
        return Factors(energy=energy, leakage=power, area=self.area, delay=delay)


def _evaluate(coefficients: tuple[float, ...], x: float) -> float:
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


@cache
def nodes() -> Mapping[str, Mapping[float, Node]]:
    """Devices (hp, lp) -> node in nm -> its polynomials."""
    text = (files("simulator.pricing.scaling") / "stillmaker_baas.csv").read_text("utf-8")
    found: dict[str, dict[float, Node]] = {}
    for line in [line for line in text.splitlines() if not line.startswith("#")][1:]:
        node, devices, *rest = line.split(",")
        numbers = tuple(map(float, rest))
        delay, energy, power, (area, volts) = numbers[:4], numbers[4:7], numbers[7:10], numbers[10:]
        found.setdefault(devices, {})[float(node)] = Node(delay, energy, power, area, volts)
    return found
