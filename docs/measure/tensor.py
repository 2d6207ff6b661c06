"""Tables on the tensor engine's page."""

from functools import cache

from docs.generate.markdown import code, table
from docs.measure.commands import answer
from docs.measure.frontend import ONE_THREAD
from docs.measure.record import Group, Made
from simulator.config.load import load_arch
from simulator.machines.tensor.paper.gemm import SHAPES, SIDE, GemmRow, run_product
from simulator.machines.tensor.paper.lora import study as study_lora
from simulator.machines.tensor.paper.skipping import study as study_skipping

STUDY = "zeroskip study gemm"
REAL = f"{ONE_THREAD} zeroskip study attention"
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
    """Both tables of the study of skipped blocks; of the second the speed-ups."""
    prompt, following = study_skipping(0, lambda _: None)["tables"]
    kept = [place for place, name in enumerate(following["columns"]) if not name.startswith("cycles")]
    heads = [following["columns"][place] for place in kept]
    lines = [[row[place] for place in kept] for row in following["rows"]]
    return Made({}, {
        "attention.prompt": table(prompt["columns"], prompt["rows"], right=prompt["columns"]),
        "attention.next": table(heads, lines, right=heads),
    })  # fmt: skip


def made_real_attention() -> Made:
    """Thresholds on a trained network's attention."""
    (found,) = answer(REAL)["tables"]
    return Made({}, {"attention.real": table(found["columns"], found["rows"], right=found["columns"])})


GROUPS = (
    Group("tensor", (STUDY,), made, 0),
    Group("tensor-lora", ("zeroskip study lora",), made_lora, 0),
    Group("attention-real", (REAL,), made_real_attention, 480),
    Group("attention", ("zeroskip study blasst",), made_skipping, 0),
)
