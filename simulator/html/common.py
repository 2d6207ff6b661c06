"""Sections that several pages share: violations and notes, configuration, versions.

In all of them, `content` is the dictionary that a command printed as JSON.
"""

from collections.abc import Mapping

from simulator.config.load import describe_changes
from simulator.html.parts import Block, Facts, Section, Sentences, make_grid
from simulator.plots.words import label
from workloads.document_types import Fields


def title_of(content: Fields) -> str:
    """What was run, for a title; results of earlier versions have the workload's name only."""
    return str(content.get("title", content["workload"]))


def title_suffix(content: Fields) -> str:
    """What the user changed in a configuration, in parentheses for a title; an empty string for no changes."""
    changes = content.get("changes") or {}
    return f" ({describe_changes(changes)})" if changes else ""


def violations_and_notes(content: Fields, wrong: tuple[str, ...] = ()) -> Section:
    """A section with alarms first (wrong outputs, violated capacities), then notes. wrong: alarms of the caller."""
    if content.get("output_matches_reference") is False:
        wrong = ("the output DIFFERS from the reference kernel's: nothing else on this page can be trusted", *wrong)
    alarms = (*wrong, *(f"does not fit: {one}" for one in content.get("violations", [])))
    blocks: list[Block] = [Sentences(alarms, alarming=True)] if alarms else []
    notes = tuple(content.get("notes", ()))
    if notes:
        blocks.append(Sentences(notes))
    return Section("Violations and notes", tuple(blocks) or (Sentences(("There are none.",)),))


def configuration(machines: Mapping[str, Fields]) -> Section:
    """A section with every number of each configuration and its source. machines: name -> content of its result."""
    blocks: list[Block] = []
    for name, content in machines.items():
        sources = content.get("config_sources")
        if not sources:
            blocks.append(Sentences((f"{name}: the result does not say where its numbers come from.",)))
            continue
        changes = content.get("changes") or {}
        rows = [
            (key, one["value"], one.get("per", ""), one["source"] + (" (changed)" if key in changes else ""))
            for key, one in sources.items()
        ]
        blocks.append(
            make_grid(f"Configuration {name}{title_suffix(content)}", ("key", "value", "per", "source"), rows)
        )
    return Section("Configuration, each number with its source", tuple(blocks))


def versions(content: Fields) -> Section:
    """A section with the versions of the software that computed the result, and the time that it took."""
    known = [(name, text, "") for name, text in content.get("versions", {}).items()]
    elapsed = content.get("elapsed_s")
    if elapsed is not None:
        known.append((label("elapsed_s"), elapsed, "on the computer that ran it, compilation included"))
    if not known:
        return Section("Versions", (Sentences(("The file does not say which versions computed it.",)),))
    return Section("Versions", (Facts(tuple(known)),))


def options(content: Fields) -> list[tuple[str, object, str]]:
    """The options of a drawn network, as lines of `Facts`; options that were not given are left out."""
    given = content.get("options", {})
    return [(label(key), value, "") for key, value in given.items() if value is not None]
