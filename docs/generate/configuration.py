"""The configuration reference: keys, limits, prices and sources, from the checked models and the files shipped."""

import ast
import inspect
import re
from typing import Any, get_type_hints

from docs.generate.markdown import MADE, code, table
from simulator.config.load import CHANGEABLE, load_arch, parse_file, shipped
from simulator.config.schema import ConfigFile
from simulator.core.machine import Machine
from simulator.hardware.component import NONE, Component
from simulator.machines import OURS
from simulator.pricing.schema import Product, SourcedPrice, SourcedPricing, SourcedShare, SramFile, TechnologyFile
from simulator.pricing.technology import Technology
from workloads.sourced import Sourced, SourcedAmount, SourcedName

HEAD = """# Configuration

A machine is a YAML file. Copy one of those in [arch_configs](../arch_configs/eie_64pe.yaml), change it, and give its
name in place of a machine's: `zeroskip run own.yaml alexnet-fc7`. To change a few numbers, no file is needed:
`--set pes=128 --set clock_mhz=400`. Keys of `arch` and `memory` can be set, and `clock_mhz`, `node_nm` and
`dram_energy` (`flat` or `data_sheet`: where the prices of [DRAM](dram.md#energy-by-the-data-sheet) come from).

Every number is written `{value, source}`. A number without a source is refused, and so is an unknown key, a missing
key, or a number beyond its limits; the message names file, key, value, and what was expected.
The tensor engine's page says what [(M) and (T)](tensor.md#marks-of-sources) in a source mean.
"""
MODELS = {
    ConfigFile: "The whole file",
    Sourced: "An integer with its source",
    SourcedName: "A name with its source",
    TechnologyFile: "The technology",
    SourcedAmount: "A positive number with its source",
    SourcedShare: "A share of power or area",
    SourcedPrice: "A price",
    SourcedPricing: "The prices of DRAM",
    SramFile: "An SRAM array",
}
"""The parts of a file, and what they are called on the page."""


def pages(_: object) -> dict[str, str]:
    """`configuration.md`."""
    files = {name: parse_file(name, text) for name, text in shipped().items()}
    parts = [_machine(machine, files) for machine in OURS]
    return {"configuration.md": MADE + HEAD + _models() + "".join(parts)}


def comments(owner: type) -> dict[str, str]:
    """The comment after each field of a class, by field; empty where there is none."""
    source = inspect.getsource(owner)
    lines = source.splitlines()
    (body,) = [node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    found = {}
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = lines[node.end_lineno - 1][node.end_col_offset :].partition("# ")[2].strip()
    return found


def _models() -> str:
    """The parts of a configuration file, with the docstrings of their models."""
    text = "\n## The file\n"
    for model, title in MODELS.items():
        rows = [(code(key), _kind(field.annotation, field.metadata)) for key, field in model.model_fields.items()]
        text += f"\n### {title}\n\n{inspect.getdoc(model)}\n\n" + table(("key", "what it holds"), rows)
    return text


def _kind(annotation: Any, metadata: list[Any]) -> str:
    """A field's type in words."""
    if annotation == Product:
        return "a number, a key of `arch`, or a list of them to be multiplied"
    text = annotation.__name__ if isinstance(annotation, type) and annotation in MODELS else str(annotation)
    optional = " (optional)" if "None" in text else ""
    if "Literal" in text:
        return " or ".join(code(word) for word in re.findall(r"'(\w+)'", text)) + optional
    if part := next((title for model, title in MODELS.items() if re.search(rf"\b{model.__name__}\b", text)), None):
        link = f"[{part[0].lower()}{part[1:]}](#{part.lower().replace(' ', '-')})"
        return (f"for each name: {link}" if text.startswith("dict[") else link) + optional
    if "dict[" in text:
        return "a table: value of the key `by` -> price, two entries or more" + optional
    bounds = re.findall(r"\b[gl]e=([\d.e+-]+)", f"{text} {metadata}")
    limits = [f"{word} {float(bound):g}" for word, bound in zip(("from", "to"), bounds, strict=False)]
    words = {"str": "text", "int": "an integer", "float": "a number"}
    word = next(word for name, word in words.items() if name in text)
    return " ".join([word, *limits]) + optional


def _machine(machine: Machine[Any, Any], files: dict[str, ConfigFile]) -> str:
    """All sections of one machine."""
    arch, default = machine.arch_type, files[machine.default]
    built = load_arch(machine.default).technology
    written = {**default.arch, **{key: item for part in default.components().values() for key, item in part.items()}}
    rows = [
        (code(key), meaning, _limits(arch, key), code(written[key].value), written[key].source)
        for key, meaning in comments(arch).items()
    ]
    text = f"\n## {machine.name}\n\n{machine.about}. Its file is [{machine.default}.yaml]"
    text += f"(../arch_configs/{machine.default}.yaml). {inspect.getdoc(arch)}\n\n"
    text += table(("key of `arch`", "meaning", "limits", "default", "source of the default"), rows)
    text += _technology(built, default.technology) + _events(machine, built, default.technology)
    return text + _reasons(machine) + _others(machine, files)


def _limits(arch: type, key: str) -> str:
    """The values that a key may have: names of components, or an interval of integers."""
    limits = get_type_hints(arch, include_extras=True)[key].__metadata__[0]
    if isinstance(limits, Component):
        return ", ".join(map(code, (*limits.names(), *([NONE] if limits.optional else []))))
    return str(limits.ge) if limits.ge == limits.le else f"{limits.ge:,} to {limits.le:,}"


def _technology(built: Technology, file: TechnologyFile) -> str:
    keys = [key for key in ("prices_nm", "area_nm", *CHANGEABLE) if getattr(file, key, None) is not None]
    rows = [(code(key), _shown(getattr(file, key).value), getattr(file, key).source) for key in keys]
    text = "\n### Technology\n\n" + table(("key", "value", "source"), rows, right=["value"])
    shares = [
        (code(share.component), what, f"{share.value:,.6g}", share.per, share.source)
        for what, shares in (("static, mW", built.static_mw), ("area, um2", built.area_um2))
        for share in shares
    ]
    return text + "\n" + table(("component", "what", "value", "for each", "source"), shares, right=["value"])


def _events(machine: Machine[Any, Any], built: Technology, file: TechnologyFile) -> str:
    """The events that are counted, with their prices."""
    meanings, prices = comments(machine.counts_type), {price.event: price for price in built.energy_pj}
    rows = []
    for event in machine.counts_type._fields:
        price, written = prices[event], file.energy_pj[event]
        shown = f"{price.pj:.6g}" if written.table is None else _prices(written)
        rows.append((code(event), meanings[event], shown, price.component, price.source))
    text = "\n### Events and prices\n\n"
    return text + table(("event", "what happens", "pJ", "component", "source"), rows, right=["pJ"])


def _prices(price: SourcedPrice) -> str:
    assert price.table is not None
    return f"by {code(price.by)}: " + ", ".join(f"{key}: {value:g}" for key, value in price.table.items())


def _reasons(machine: Machine[Any, Any]) -> str:
    """The reasons of each kind of unit."""
    meanings = comments(machine.reasons_type)
    rows = [
        (kind, code(name), _without(meanings[name], kind))
        for kind, names in machine.reason_units.items()
        for name in names
    ]
    return "\n### Reasons of cycles\n\n" + table(("unit", "reason", "what it means"), rows)


def _without(meaning: str, kind: str) -> str:
    """A reason's meaning without its unit, which has its own column."""
    before, found, after = meaning.partition(": ")
    return after if found and kind.lower() in before.lower() else meaning


def _others(machine: Machine[Any, Any], files: dict[str, ConfigFile]) -> str:
    """The other shipped configurations of the machine, with the keys in which they differ."""
    default, text = files[machine.default], ""
    for name, file in files.items():
        if file.machine == machine.name and name != machine.default:
            rows = [
                (code(key), code(number.value), number.source)
                for key, number in file.arch.items()
                if number.value != default.arch[key].value
            ]
            text += f"\n### {name}\n\n{file.about}. "
            if rows:
                text += f"Where it differs from `{machine.default}`:\n\n" + table(("key", "value", "source"), rows)
            else:
                text += f"Its `arch` is that of `{machine.default}`, its prices are not.\n"
    return text


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
