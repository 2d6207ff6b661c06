"""A workload where a machine is expected: arguments are easily given in the wrong order."""

from simulator.config.load import shipped
from simulator.core.registry import machines
from workloads.errors import refuse
from workloads.model import is_text
from workloads.sources import names_workload
from workloads.workload import Model, Workload


def check_machine_first(given: object) -> None:
    """Refuse a workload in place of a machine, in a call or a command whose machine comes first (InputError).

    given: what was given as the machine. A name that machines and workloads share is a machine.
    """
    if isinstance(given, Model | Workload):
        _refuse(given.name)
    if is_text(given):
        name = str(given)
        if name not in (*machines(), *shipped()) and names_workload(name):
            _refuse(name)


def _refuse(name: str) -> None:
    expected = f"a machine or a configuration first ({', '.join(machines())} or a .yaml file), then the workload"
    refuse(name, "it is a workload", expected)
