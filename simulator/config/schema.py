"""What a configuration file looks like."""

from functools import cache
from typing import Any, Self

from pydantic import Field, PrivateAttr, create_model

from simulator.pricing.schema import TechnologyFile
from workloads.sourced import Sourced, SourcedName
from workloads.yaml_files import Strict, Text


class ConfigFile(Strict):
    """A configuration file. A machine may have more sections like `memory`, which name other components."""

    machine: Text
    about: Text
    arch: dict[str, Sourced]
    technology: TechnologyFile
    memory: dict[str, SourcedName] = Field(default_factory=dict)
    _notes: tuple[str, ...] = PrivateAttr(())

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed when the file was read."""
        return self._notes

    def with_notes(self, notes: tuple[str, ...]) -> Self:
        """The same file with notes."""
        self._notes = notes
        return self

    def components(self) -> dict[str, dict[str, SourcedName]]:
        """The components that the file names, by section; sections without any are left out."""
        sections = [name for name in type(self).model_fields if name not in PLAIN]
        return {name: getattr(self, name) for name in sections if getattr(self, name)}


PLAIN = ("machine", "about", "arch", "technology")
"""Sections that are not of components."""


@cache
def with_sections(sections: tuple[str, ...]) -> type[ConfigFile]:
    """The form of files with these sections of components and `memory`."""
    more: dict[str, Any] = {name: (dict[str, SourcedName], Field(default_factory=dict)) for name in sections}
    return create_model("ConfigFile", __base__=ConfigFile, **more) if more else ConfigFile
