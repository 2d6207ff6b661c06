"""Names in a roofline: formats of one machine have a roof each, numbers of tokens are set apart."""

import pandas as pd

from simulator.plots.roofs import FORMAT, TOKENS, _with_format, _with_tokens


def frame(**columns):
    return pd.DataFrame(columns)


def test_machines_are_named_with_their_format_where_one_has_several():
    names = pd.Series(["tensor", "tensor", "eie"])
    assert _with_format(frame(x=[1, 2, 3]), names).tolist() == names.tolist()
    same = frame(**{FORMAT: ["fp8", "fp8", "codebook"]})
    assert _with_format(same, names).tolist() == names.tolist()
    other = frame(**{FORMAT: ["fp8", "nvfp4", "codebook"]})
    assert _with_format(other, names).tolist() == ["tensor fp8", "tensor nvfp4", "eie codebook"]


def test_layers_are_named_with_their_tokens_where_these_vary():
    names = pd.Series(["fc", "fc"])
    assert _with_tokens(frame(**{TOKENS: [4, 4]}), names).tolist() == ["fc", "fc"]
    assert _with_tokens(frame(**{TOKENS: [1.0, 64.0]}), names).tolist() == ["fc, 1 token", "fc, 64 tokens"]
