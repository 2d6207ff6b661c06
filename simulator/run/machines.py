"""The machines of a comparison by name, and which of them ratios refer to."""

from collections.abc import Mapping, Sequence

from simulator.config.formats import WEIGHT_FORMAT, load_with_format
from simulator.config.load import Config, load_arch
from simulator.core.registry import find
from workloads.errors import refuse


def load_machines(machines: str, formats: str | None = None, least: int = 2) -> dict[str, Config]:
    """`eie,scnn,own.yaml` -> configurations by these names. InputError where there are not `least` or more, each once.

    formats: `nvfp4,mxfp4`: each machine with each of these number formats, as `eie nvfp4`; None: as they are.
    """
    names = [name.strip() for name in machines.split(",")]
    if formats is None:
        if not all(names) or len(names) < least:
            expected = "two or more machines or configurations, with commas between them"
            refuse("machines", f"it is {machines!r}", expected)
        return name_machines([(name, load_arch(name)) for name in names], least)
    forms = [form.strip() for form in formats.split(",")]
    if not all(names) or not all(forms):
        refuse("machines", f"they are {machines!r} with formats {formats!r}", "names with commas between them")
    pairs = [pair for name in names for pair in with_formats(name, load_arch(name), forms)]
    if len(pairs) < least:
        refuse("formats", f"it is {formats!r} on one machine", "two or more formats, or machines")
    return name_machines(pairs, least)


def with_formats(name: str, config: Config, forms: Sequence[str]) -> list[tuple[str, Config]]:
    """A configuration with each of these number formats, by name. InputError where it has no choice of formats."""
    changes = {key: value for key, value in config.changes.items() if key != WEIGHT_FORMAT}
    return [(f"{name} {form}", load_with_format(config.file, changes, form)) for form in forms]


def on_terms(configs: Mapping[str, Config], clock_mhz: float | None, common_prices: bool) -> dict[str, Config]:
    """The same configurations at one clock (None: their own), and perhaps at one list of prices.

    InputError where one of them cannot have that.
    """
    found = dict(configs)
    if clock_mhz is not None:
        changes = {"clock_mhz": clock_mhz}
        found = {name: load_arch(config.file, **{**config.changes, **changes}) for name, config in found.items()}
    if common_prices:
        from simulator.pricing.common.prices import with_common_prices

        found = {name: with_common_prices(config) for name, config in found.items()}
    return found


def name_machines(configs: Sequence[tuple[str, Config]], least: int = 2) -> dict[str, Config]:
    """Configurations by name. InputError where there are not `least` or more, each once."""
    if len(configs) < least:
        refuse("machines", f"there are {len(configs)}", "two or more")
    found: dict[str, Config] = {}
    for name, config in configs:
        for other, known in found.items():
            if other == name or known._replace(file=config.file) == config:
                refuse("machines", f"{other} and {name} are the same configuration", "each once")
        found[name] = config
    return found


def choose_baseline(configs: Mapping[str, Config], asked: str | None) -> str:
    """The machine that was asked for; or the one that is made to be a baseline; or the last.

    Of one machine in several formats, the first.

    InputError where the one that was asked for is not among them.
    """
    if asked is not None:
        for name, config in configs.items():
            if asked in (name, config.name):
                return name
        refuse("baseline", f"it is {asked!r}", f"one of the machines: {', '.join(configs)}")
    for name, config in configs.items():
        machine = find(config.machine)
        if machine.baseline and config.name == machine.default:
            return name
    files = {config.file for config in configs.values()}
    return list(configs)[0 if len(files) == 1 and len({*map(_format, configs.values())}) > 1 else -1]


def _format(config: Config) -> object:
    """The number format of its weights, where it has a choice."""
    return config.written.get(WEIGHT_FORMAT)
