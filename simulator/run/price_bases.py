"""On what the energies of machines are based, and so whether they can be compared."""

from collections.abc import Mapping

from simulator.config.load import Config
from simulator.pricing.common import NOTE


def price_bases(configs: Mapping[str, Config]) -> list[str]:
    """Sentences on what the machines' energies are based, where one list prices all or where they differ."""
    if all(NOTE in config.notes for config in configs.values()):
        return [NOTE]
    bases = {name: _basis(config) for name, config in configs.items()}
    if len(set(bases.values())) == 1:
        return []
    listed = "; ".join(f"{name}: {basis}" for name, basis in bases.items())
    return [
        f"energies have different bases ({listed}), so that a ratio of them between these machines says little; "
        "--common-prices prices the events of all by one list"
    ]


def _basis(config: Config) -> str:
    """What decides whether energies can be compared: the prices' node, what is charged for time, who prices DRAM."""
    technology = config.technology
    static = "clock or static power" if technology.static_mw else "no clock or static power"
    return f"prices of {technology.energy_node_nm:g} nm, {static}, DRAM {technology.dram_energy.replace('_', ' ')}"
