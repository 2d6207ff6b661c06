# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Your own network, your own machine
#
# A network is an ONNX or safetensors file, a machine is a YAML file. Both are made here, so that the notebook needs no
# file of yours.

# %%
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import zeroskip
from simulator import plots
from simulator.config.load import shipped
from workloads.model import read_matrices
from workloads.pipeline import compress_matrices

folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## A network in ONNX
#
# Two fully connected layers with a ReLU between them. Any framework can export such a file.

# %%
rng = np.random.default_rng(0)
tensors = {"w1": rng.standard_normal((300, 400)), "b1": rng.standard_normal(300), "w2": rng.standard_normal((100, 300))}
nodes = [
    helper.make_node("Gemm", ["x", "w1", "b1"], ["s"], name="first", transB=1),
    helper.make_node("Relu", ["s"], ["h"]),
    helper.make_node("Gemm", ["h", "w2"], ["y"], name="second", transB=1),
]
given, put = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, n]) for name, n in (("x", 400), ("y", 100)))
constants = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in tensors.items()]
model = helper.make_model(helper.make_graph(nodes, "own", [given], [put], constants))
onnx.save(model, folder / "own.onnx")

# %% [markdown]
# ## Run it
#
# One line runs all layers. Each is pruned to a tenth of its weights, which share 4-bit codes. The network runs once in
# floating point on the input, so that each layer gets the zeros of the ReLU before it. Without an input, one is drawn,
# and a note says so.

# %%
activation = np.maximum(0, rng.standard_normal((1, 400)))
result = zeroskip.run("eie", folder / "own.onnx", activation, density=0.1)
result

# %% [markdown]
# The network's own output, before and after its weights are compressed: `relative` is the norm of the difference over
# the norm of the output. Random weights have none that could be spared, so that little of this output is left; a
# trained network loses less.

# %%
result.network_output

# %% [markdown]
# ## A machine of yours
#
# A copy of EIE's file with 16 PEs and queues of four. The loader refuses a number without a source.

# %%
text = shipped()["eie_64pe"]
text = text.replace('{value: 64, source: "paper, section V: 64 PEs"}', '{value: 16, source: "this notebook"}')
text = text.replace("queue_depth: {value: 8,", "queue_depth: {value: 4,")
(folder / "small_eie.yaml").write_text(text)
small = zeroskip.load_arch(folder / "small_eie.yaml")
print(small.arch)

# %% [markdown]
# ## Both machines, and another one
#
# The same network on the published machine, on the small one, and on SCNN. Ratios are those of the baseline to each
# machine. The small one takes longer and needs less energy: fewer PEs wait for the others.

# %%
comparison = zeroskip.compare(["eie", small, "scnn"], folder / "own.onnx", activation, density=0.1, baseline="eie")
frame = comparison.to_frame()
frame[["layer", "name", "cycles", "time_us", "energy_uj", "speedup", "energy_ratio", "output_matches_reference"]]

# %%
plots.show(plots.energy(frame, "both layers on three machines"))

# %% [markdown]
# What was assumed or left out. The prices of SCNN have another basis than those of EIE, so that their energies are not
# on the same scale.

# %%
print("\n".join(comparison.notes()))

# %% [markdown]
# ## Compress it once
#
# The compressed network can be stored as one checked file. Its layers run without the ONNX file, with inputs that are
# given by layer, or drawn. On the command line: `zeroskip compress own.onnx --density 0.1 -o own.safetensors`.

# %%
network = read_matrices(str(folder / "own.onnx"))
compressed = compress_matrices(network, density=0.1, bits=4, index_bits=4)
compressed.write(folder / "own.safetensors", "magnitude pruning to a tenth, k-means to 4 bits")
stored = compressed.to_frame()
stored.set_index("layer")[["weights", "kept", "dense", "pruned", "shared", "huffman"]]

# %%
plots.show(plots.storage(stored[:-1], "the network, stage by stage"))

# %% [markdown]
# The columns from `dense` on are bits after each stage. Random weights share badly; those of a trained network
# compress better.

# %% [markdown]
# ## A machine of another kind
#
# A machine that is no EIE, ESE, SCNN or dense array is written in Python: numbers, layout, a model, an engine. The page
# "Add a machine" of the documentation shows a complete one.
