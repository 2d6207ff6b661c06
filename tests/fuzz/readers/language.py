"""Language models in YAML: sizes that anybody may write, and a step of small ones."""

from functools import partial
from pathlib import Path

from ..harness import Harness
from ..mutators.trees import change_yaml, fill_json, insert_yaml
from .models import try_all, write

SIZES = {
    "width": 8, "vocabulary": 90, "heads": 4, "key_heads": 2, "head_width": 3, "state_width": 7, "groups": 1, "taps": 4,
    "experts": 6, "chosen": 2, "shared_width": 11, "latent": 4, "keys": 9, "step_tokens": 5,
}  # fmt: skip
"""Of the seeds."""
PATTERNS = {"*E*E": "*E", "M": "ME*-", "*-": "*-", "*x": "*x-"}
"""The beginning of a pattern of the zoo -> a short one."""


def seeds() -> list[bytes]:
    """Models of the zoo with few blocks of small sizes."""
    from workloads.sources.language.source import language_models
    from workloads.yaml_files import dump_yaml

    names = "nemotron3-nano", "nemotron3-super", "qwen3-30b-a3b", "llama2-7b", "longlive2"
    texts = []
    for name in names:
        content = _small(language_models()[name].model_dump(mode="json", exclude_none=True))
        if "mlp" not in content:
            content["mlp"] = {"width": {"value": 16, "source": "test"}, "gated": True}
        pattern = content["pattern"]["value"]
        content["pattern"]["value"] = next(short for long, short in PATTERNS.items() if pattern.startswith(long))
        texts.append(dump_yaml({name: content}))
    return [one.encode() for one in texts if one]


def _small(content: dict[str, object]) -> dict[str, object]:
    """The same with small sizes."""
    for key, value in content.items():
        if isinstance(value, dict):
            content[key] = {**value, "value": SIZES[key]} if key in SIZES and "value" in value else _small(value)
    return content


def read(data: bytes, folder: Path) -> None:
    """As `zeroskip run tensor FILE` with two steps, all of its layers timed."""
    path = write(folder, "in.yaml", data)
    try_all(partial(_step, str(path), {"batch": 2, "context": 12}), partial(_step, str(path), {"step": "prefill"}))


def _step(path: str, options: dict[str, object]) -> None:
    from simulator.config.load import load_arch
    from simulator.run.executor import run
    from workloads.options import WorkloadOptions

    config = load_arch("tensor", weight_format="nvfp4")
    run([config], path, WorkloadOptions(**{"context": 12, **options}))  # type: ignore[arg-type]


HARNESS = Harness("language", read, seeds, [change_yaml, change_yaml, insert_yaml, fill_json])
