"""A small language model of all kinds of blocks, as a YAML file states it."""

from pathlib import Path

SMALL = """
tiny:
  about: a model of four blocks
  width: {value: 8, source: test}
  pattern: {value: "ME*-", source: test}
  vocabulary: {value: 100, source: test}
  attention:
    heads: {value: 4, source: test}
    key_heads: {value: 2, source: test}
    head_width: {value: 3, source: test}
  mamba:
    heads: {value: 2, source: test}
    head_width: {value: 5, source: test}
    state_width: {value: 7, source: test}
    groups: {value: 1, source: test}
    taps: {value: 4, source: test}
  experts:
    experts: {value: 6, source: test}
    chosen: {value: 2, source: test}
    width: {value: 9, source: test}
    gated: false
    shared_width: {value: 11, source: test}
    latent: {value: 4, source: test}
    routing: {value: uniform, source: test}
    active: {value: 0.5, source: test}
  mlp:
    width: {value: 16, source: test}
    gated: true
  drafts:
    pattern: {value: "*-", source: test}
    accepted: {value: 0.5, source: test}
  precision:
    nvfp4:
      source: test
      cache: fp8
      state: fp16
      exceptions:
        - {parts: [head], format: bf16}
        - {parts: [mamba-in], format: fp8, before_attention: true}
"""


def write_small(folder: Path, text: str = SMALL) -> Path:
    """The file, in a folder."""
    path = folder / "tiny.yaml"
    path.write_text(text, "utf-8")
    return path
