"""Tables on the tensor engine's page."""

from functools import cache

from docs.generate.markdown import code, table
from docs.measure.commands import answer
from docs.measure.frontend import ONE_THREAD
from docs.measure.record import Group, Made
from docs.measure.tables import Validation
from simulator.config.load import load_arch
from simulator.machines.tensor.paper.gemm import SHAPES, SIDE, GemmRow, run_product
from simulator.machines.tensor.paper.lora import study as study_lora
from simulator.machines.tensor.paper.skipping import study as study_skipping
from simulator.run.api import simulate

STUDY = "zeroskip study gemm"
REAL = f"{ONE_THREAD} zeroskip study attention"
ZEROS = f"{ONE_THREAD} zeroskip study zeros"
CALIBRATE = f"{ONE_THREAD} zeroskip calibrate rxnmapper-attention --tile 8x8,1x8 --sample 3 --target 0.3"
SPATTEN = (("gpt2-small-step", 0), ("gpt2-small-step-pruned", 0), ("gpt2-small-step-pruned", 15762))
"""Workloads and 1000 x lambda x keys."""
SHOWN = ("0.1", "0.25", "1")
"""Densities of inputs."""
TOKENS = (1, 256, 4096)
FORMATS = ("fp8", "nvfp4", "mxfp4", "int4-g128", "bf16")
COLUMNS = (
    "tokens", "format", "us", "utilisation %", "bound by", "operations a byte", "TB/s", "speed-up over FP8",
)  # fmt: skip


def short(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@cache
def _row(tokens: int, form: str) -> GemmRow:
    return run_product(load_arch("tensor_b200", weight_format=form), tokens, SIDE, SIDE)


def made() -> Made:
    """Rows of the study that are on the page, made again."""
    rows, shapes = [], []
    for tokens in TOKENS:
        base = _row(tokens, "fp8").cycles
        for form in FORMATS:
            one = _row(tokens, form)
            figures = short(one.microseconds), short(100 * one.utilisation), one.bound
            more = short(one.operations_per_byte), short(one.terabytes), f"{base / one.cycles:.2f}"
            rows.append((tokens, code(form), *figures, *more))
    alone = load_arch("tensor", dram="none")
    for tokens in SHAPES:
        shares = (short(100 * run_product(alone, tokens, SIDE, outputs).utilisation) for outputs in SHAPES)
        shapes.append((tokens, *shares))
    heads = ("tokens", *(f"{outputs} outputs" for outputs in SHAPES))
    right = [name for name in COLUMNS if name not in ("format", "bound by")]
    tables = {
        "tensor.products": table(COLUMNS, rows, right=right),
        "tensor.shapes": table(heads, shapes, right=heads),
    }
    return Made({}, tables)


def made_lora() -> Made:
    """Rows of the study of side paths: one layer and one rank."""
    found = study_lora(0, lambda _: None)["tables"][0]
    layer, rank = found["rows"][0][:2]
    chosen = [row[2:] for row in found["rows"] if row[:2] == [layer, rank]]
    heads = found["columns"][2:]
    return Made({}, {"tensor.lora": table(heads, chosen, right=[name for name in heads if name != "W"])})


def made_skipping() -> Made:
    """The tables of the study of skipped blocks; of the second one the speed-ups."""
    prompt, following, arrays = study_skipping(0, lambda _: None)["tables"]
    kept = [place for place, name in enumerate(following["columns"]) if not name.startswith("cycles")]
    heads = [following["columns"][place] for place in kept]
    lines = [[row[place] for place in kept] for row in following["rows"]]
    return Made({}, {
        "attention.prompt": table(prompt["columns"], prompt["rows"], right=prompt["columns"]),
        "attention.next": table(heads, lines, right=heads),
        "attention.arrays": table(arrays["columns"], arrays["rows"], right=arrays["columns"]),
    })  # fmt: skip


def made_calibration() -> Made:
    """Fits of a trained network's attention."""
    found = answer(CALIBRATE)["tables"][0]
    return Made({}, {"attention.calibration": table(found["columns"], found["rows"], right=found["columns"])})


def made_spatten() -> Made:
    """Bytes and cycles of a step of GPT-2 small: all keys, kept keys, kept keys and values."""
    sizes = {"tile_queries": 1, "block_keys": 1, "scores_ahead": 16, "operand_buffers": 16, "value_on_demand": 1}
    lines, dense = [], 0
    for workload, skip in SPATTEN:
        result = simulate(load_arch("tensor", skip_thousandths=skip, **sizes), workload)
        keys, values = (int(result.counts[f"dram_{name}_bytes"]) for name in ("key", "value"))
        dense = dense or keys + values
        moved = f"{keys / 1e6:.3f}", f"{values / 1e6:.3f}", f"{dense / (keys + values):.2f}"
        lines.append((code(workload), skip, *moved, f"{result.cycles:,}"))
    heads = ("workload", "skip_thousandths", "MB of keys", "MB of values", "times less", "cycles")
    return Made({}, {"attention.spatten": table(heads, lines, right=heads[1:])})


def made_real_attention() -> Made:
    """Thresholds on a trained network's attention."""
    (found,) = answer(REAL)["tables"]
    return Made({}, {"attention.real": table(found["columns"], found["rows"], right=found["columns"])})


def made_zeros() -> Made:
    """The tables of the study of zero inputs: of products some densities, of rxnmapper the first pass and the last."""
    products, experts, eie, real = answer(ZEROS)["tables"]
    place = products["columns"].index("density")
    shown = [row for row in products["rows"] if row[place] in SHOWN]
    heads = [name for name in products["columns"] if name not in ("configuration", "format")]
    return Made({}, {
        "zeros.products": table(products["columns"], shown, right=heads),
        "zeros.experts": table(experts["columns"], experts["rows"], right=experts["columns"]),
        "zeros.eie": table(eie["columns"], eie["rows"], right=eie["columns"]),
        "zeros.real": table(real["columns"], [real["rows"][0], real["rows"][-1]], right=real["columns"][1:]),
    })  # fmt: skip


def made_sparse() -> Made:
    """Out of the rows of `validate tensor`."""
    found, dual, products = Validation("tensor"), [], []
    for one in found.find("dual side, 4096^3", "percent_of_dense_time"):
        assert one.published is not None
        assert one.error_percent is not None
        cells = f"{one.published:.1f}", f"{one.simulated:.1f}", f"{one.deviation:.2f}", f"{one.error_percent:+.1f}"
        dual.append((one.row, *cells))
    title = "2:4, four products as ResNet-50's"
    for one in found.find(title, "dense_array_cycles"):
        half = found.one(title, "two_of_four_array_cycles", one.row)
        products.append((one.row, *(f"{cycles:,.0f}" for cycles in (one.published, one.simulated, half.simulated))))
    heads = "densities", "published %", "simulated %", "deviation", "error %"
    columns = "tokens x inputs x outputs", "published, dense", "dense", "two of four"
    return Made({}, {
        "tensor.dual-side": table(heads, dual, right=heads[1:]),
        "tensor.two-of-four": table(columns, products, right=columns[1:]),
    })  # fmt: skip


GROUPS = (
    Group("tensor", (STUDY,), made, 0),
    Group("tensor-sparse", ("zeroskip validate tensor --csv > docs/validation/tensor.csv",), made_sparse, 0),
    Group("tensor-lora", ("zeroskip study lora",), made_lora, 0),
    Group("zeros", (ZEROS,), made_zeros, 60),
    Group("attention-real", (REAL,), made_real_attention, 480),
    Group("attention-calibration", (CALIBRATE,), made_calibration, 10),
    Group("attention-spatten", ("zeroskip run tensor gpt2-small-step-pruned",), made_spatten, 0),
    Group("attention", ("zeroskip study blasst",), made_skipping, 0),
)
