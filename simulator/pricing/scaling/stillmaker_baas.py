"""The scaling equations of Stillmaker and Baas (Integration, 2017), 65 to 7 nm: polynomials of the supply voltage."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from simulator.pricing.scaling.factors import Factors


class Node(NamedTuple):
    """The coefficients of a node, each from the highest power of the voltage down; area over that of 45 nm."""

    delay: tuple[float, ...]
    energy: tuple[float, ...]
    power: tuple[float, ...]
    area: float
    volts: float  # nominal

    def at(self, volts: float | None = None) -> Factors:
        """Energy, power (for leakage, of which the equations know nothing), area and delay at a voltage."""
        supply = self.volts if volts is None else volts
        energy, power, delay = (_evaluate(row, supply) for row in (self.energy, self.power, self.delay))
        return Factors(energy=energy, leakage=power, area=self.area, delay=delay)


def _evaluate(coefficients: tuple[float, ...], x: float) -> float:
    value = 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
    return value


@cache
def nodes() -> Mapping[str, Mapping[float, Node]]:
    """Devices (hp, lp) -> node in nm -> coefficients."""
    text = (files("simulator.pricing.scaling") / "stillmaker_baas.csv").read_text("utf-8")
    found: dict[str, dict[float, Node]] = {}
    for line in [line for line in text.splitlines() if not line.startswith("#")][1:]:
        node, devices, *rest = line.split(",")
        numbers = tuple(map(float, rest))
        delay, energy, power, (area, volts) = numbers[:4], numbers[4:7], numbers[7:10], numbers[10:]
        found.setdefault(devices, {})[float(node)] = Node(delay, energy, power, area, volts)
    return found
