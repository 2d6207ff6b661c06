"""What the pages of results share: doubts, configuration, versions."""

from collections.abc import Mapping
from typing import Any

from simulator.config.load import describe_changes
from simulator.html.parts import Block, Facts, Section, Sentences, make_grid
from simulator.plots.words import label


def origin(told: Mapping[str, Any]) -> str:
    """What the user changed of a configuration, as a part of a title."""
    changes = told.get("changes") or {}
    return f" ({describe_changes(changes)})" if changes else ""


def doubts(told: Mapping[str, Any], wrong: tuple[str, ...] = ()) -> Section:
    """What does not fit, what is wrong, and what is worth knowing."""
    if told.get("output_matches_reference") is False:
        wrong = ("the output DIFFERS from the reference kernel's: nothing else on this page can be trusted", *wrong)
    alarms = (*wrong, *(f"does not fit: {one}" for one in told.get("violations", [])))
    blocks: list[Block] = [Sentences(alarms, alarming=True)] if alarms else []
    notes = tuple(told.get("notes", ()))
    if notes:
        blocks.append(Sentences(notes))
    return Section("Violations and notes", tuple(blocks) or (Sentences(("There are none.",)),))


def configuration(machines: Mapping[str, Mapping[str, Any]]) -> Section:
    """Every number of each configuration with its source. machines: name -> what a command printed of it."""
    blocks: list[Block] = []
    for name, told in machines.items():
        sources = told.get("config_sources")
        if not sources:
            blocks.append(Sentences((f"{name}: the result does not say where its numbers come from.",)))
            continue
        changes = told.get("changes") or {}
        rows = [
            (key, one["value"], one.get("per", ""), one["source"] + (" (changed)" if key in changes else ""))
            for key, one in sources.items()
        ]
        blocks.append(make_grid(f"Configuration {name}{origin(told)}", ("key", "value", "per", "source"), rows))
    return Section("Configuration, each number with its source", tuple(blocks))


def versions(told: Mapping[str, Any]) -> Section:
    """What computed the result."""
    known = [(name, text, "") for name, text in told.get("versions", {}).items()]
    elapsed = told.get("elapsed_s")
    if elapsed is not None:
        known.append((label("elapsed_s"), elapsed, "on the computer that ran it, compilation included"))
    if not known:
        return Section("Versions", (Sentences(("The file does not say which versions computed it.",)),))
    return Section("Versions", (Facts(tuple(known)),))


def options(told: Mapping[str, Any]) -> list[tuple[str, Any, str]]:
    """The options that a network was drawn with, as facts; those that were not given are left out."""
    given = told.get("options", {})
    return [(label(key), value, "") for key, value in given.items() if value is not None]
