"""The command `camera`: how late a detector behind a camera finds objects."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.console import CsvFlag, JsonFlag, console, load_config, one_format, put_out
from simulator.cli.progress import progress
from simulator.cli.workload_options import EngineOption, Settings, WorkloadName, takes_workload
from workloads.options import WorkloadOptions

if TYPE_CHECKING:
    from simulator.results.camera_result import CameraResult

FILES = "text of the MOT Challenge or KITTI tracking, or tud-campus, tud-stadtmitte, drawn"


@takes_workload
def camera(
    machines: Annotated[
        str, typer.Argument(help="A machine; several with commas between them divide the layers in their order.")
    ],
    workload: WorkloadName,
    truth: Annotated[str, typer.Option(metavar="FILE", help=f"Objects by frame: {FILES}.")],
    detections: Annotated[str, typer.Option(metavar="FILE", help="What the model finds in each frame, likewise.")],
    options: WorkloadOptions,
    fps: Annotated[float, typer.Option(help="Frames a second.")] = 30.0,
    policy: Annotated[
        str, typer.Option(help="newest (a full queue drops its oldest frame), drop (the one that comes), or block.")
    ] = "newest",
    depth: Annotated[int, typer.Option(help="Frames that can wait before each machine.")] = 1,
    copies: Annotated[int, typer.Option(help="Equal machines in place of each.")] = 1,
    sensor_ms: Annotated[float, typer.Option(help="From the moment that a frame shows until it can be used.")] = 0.0,
    overlap: Annotated[float, typer.Option(help="Intersection over union that a match exceeds.")] = 0.5,
    precision: Annotated[float, typer.Option(help="Precision at which the mean delay is measured.")] = 0.8,
    clip: Annotated[float, typer.Option(help="Frames; longer delays count as this.")] = 30.0,
    difficulty: Annotated[
        str | None, typer.Option(help="KITTI: an object appears when it is easy, moderate or hard.")
    ] = None,
    settings: Settings = None,
    engine: EngineOption = "numba",
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
) -> None:
    """Delay of a detector: from an object's appearance until a result shows it, in frames and in milliseconds."""
    one_format(as_json, as_csv)
    from simulator.system.camera.api import CameraOptions, machine_names, run_camera

    how = CameraOptions(
        fps, policy, depth, copies, sensor_ms, overlap, precision, clip, difficulty, engine
    ).check()  # fmt: skip
    configs = [load_config(one, settings, engine) for one in machine_names(machines)]
    with progress(f"running {workload}"):
        result = run_camera(configs, workload, (truth, detections), how, options)

    put_out(as_json, as_csv, result.to_dict, result.to_frame, lambda: _show(result), lambda: result.notes)


def _show(result: "CameraResult") -> None:
    """Stages, frames, and a line for each operating point."""
    from rich.markup import escape

    from simulator.cli.tables.result import make_table

    out = console()
    latency = result.latency_ms
    out.print(
        f"\n [bold]{escape(result.workload)}[/] at {result.fps:g} frames/s, {result.policy}, depth {result.depth}: "
        f"{result.served:,} of {result.frames:,} frames served, {result.dropped:,} dropped, {result.missed:,} missed\n"
        f" latency {latency['median']:,.4g} ms, 99 % within {latency['percentile_99']:,.4g} ms; "
        f"{result.found} of {result.objects} objects found in some frame",
        highlight=False,
    )
    stages = make_table("machines", "machine")
    for column in ("copies", "layers", "ms a frame", *result.stages[0].shares):
        stages.add_column(column, justify="right")
    for row in result.stages:
        shares = [f"{share:.1%}" for share in row.shares.values()]
        stages.add_row(
            escape(row.machine), str(row.copies), str(len(row.layers)), f"{row.service_us / 1000:,.4g}", *shares
        )
    out.print(stages)
    table = make_table("mean delay; parts in ms, not clipped", "detections")
    for column in ("score", "offline frames", "frames", "ms", *result.points[0].parts_ms, "never"):
        table.add_column(column, justify="right")
    for point in result.points:
        score = "-" if point.score == float("-inf") else f"{point.score:.3g}"
        figures = (
            f"{value:,.4g}" for value in (point.offline_frames, point.frames, point.ms, *point.parts_ms.values())
        )
        table.add_row(point.name, score, *figures, str(point.never))
    mean = result.average
    table.add_row(
        "average delay", "", *(f"{value:,.4g}" for value in mean), *[""] * (len(result.points[0].parts_ms) + 1)
    )
    out.print(table)
    for note in result.notes:
        out.print(f" note  {note}", highlight=False, markup=False)
