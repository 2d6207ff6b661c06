"""Which keys of a configuration its area follows."""

from collections.abc import Iterable

from simulator.config.load import Config, load_arch
from simulator.core.registry import find
from simulator.pricing.energy import area_mm2
from workloads.errors import InputError


def area_of(config: Config) -> float | None:
    """In mm2; None where the configuration gives none."""
    return area_mm2(find(config.machine).units(config.arch), config.technology)


def without_area(config: Config, values: Iterable[tuple[str, Iterable[float | str]]]) -> list[str]:
    """The keys whose values, each alone, leave the area as it is; none where no area is given.

    values: by key, those to try. Values that the machine refuses say nothing.
    """
    own = area_of(config)
    return [] if own is None else [key for key, tried in values if not _follows(config, key, tried)]


def _follows(config: Config, key: str, tried: Iterable[float | str]) -> bool:
    areas = set()
    for value in tried:
        try:
            areas.add(area_of(load_arch(config.file, **{**config.changes, key: value})))
        except InputError:
            continue
    return len(areas) > 1
