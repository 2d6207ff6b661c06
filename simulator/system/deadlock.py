"""A schedule in which no chip can go on."""

from collections.abc import Mapping, Sequence

from simulator.system.schedule import Receive, Schedule


class SystemDeadlockError(RuntimeError):
    """No chip of a system can ever go on; the message shows what each waits for, and every queue."""


def describe_deadlock(schedule: Schedule, places: Sequence[int], inboxes: Mapping[tuple[int, int], int]) -> str:
    """One sentence a unit and a queue; where each unit is a chip, it is called so.

    places: the step that each unit is at; inboxes: messages that have arrived and that nobody has received, by source
    and target. Queues of channels are empty in a deadlock: a channel never waits for a unit.
    """
    parts = []
    unit = "unit" if schedule.chip_of else "chip"
    for chip, (place, program) in enumerate(zip(places, schedule.programs, strict=True)):
        step = program[place] if place < len(program) else None
        ends = (
            f"waits for {unit} {step.source} at step {place} of {len(program)}"
            if isinstance(step, Receive)
            else "ended"
        )
        parts.append(f"{unit} {chip} {ends}")
    queues = [f"{source}->{target}: {held} arrived" for (source, target), held in sorted(inboxes.items()) if held]
    shown = ", ".join(queues) if queues else "all are empty"
    return f"{schedule.name}: nothing can move. {'; '.join(parts)}. Queues: {shown}"
