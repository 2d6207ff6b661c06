"""The command `list`: machines, configurations, workloads."""

from simulator.cli.console import console


def list_workloads() -> None:
    """List machines, configurations, systems, workloads, kinds of files, number formats and studies."""
    from simulator.cli.tables.list import (
        print_configurations,
        print_formats,
        print_listed,
        print_machines,
        print_studies,
        print_systems,
    )
    from simulator.config.load import load_arch, shipped
    from simulator.core.registry import machines
    from simulator.studies import studies
    from simulator.system.system_file import load_system, shipped_systems
    from workloads.number_formats import number_formats
    from workloads.sources import sources

    print_machines(console(), machines().values())
    print_configurations(console(), [load_arch(name) for name in shipped()])
    print_systems(console(), [load_system(name) for name in shipped_systems()])
    print_listed(console(), [one for source in sources() for one in source.listed()])
    read = [source for source in sources() if source.ending]
    files = "; ".join(f"{one.ending} ({one.name}{one.holds and ': '}{one.holds})" for one in read)
    console().print(f" a workload may also be a file: {files}", highlight=False, markup=False)
    print_formats(console(), number_formats().values())
    print_studies(console(), studies().values())
