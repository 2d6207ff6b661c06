"""What a configuration file looks like."""

from pydantic import Field

from simulator.core.sourced import Sourced, SourcedName
from simulator.pricing.schema import TechnologyFile
from workloads.yaml_files import Strict, Text


class ConfigFile(Strict):
    """A configuration file."""

    machine: Text
    about: Text
    arch: dict[str, Sourced]
    memory: dict[str, SourcedName] = Field(default_factory=dict)
    technology: TechnologyFile
