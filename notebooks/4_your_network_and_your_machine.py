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
# # 4. Which machine suits my network?
#
# A network is an ONNX file, a machine is a YAML file. Both are made here, so that the notebook needs no file of
# yours; replace them with your own.

# %%
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import zeroskip as zs

folder = Path(tempfile.mkdtemp())

# %% [markdown]
# ## A network in ONNX
#
# Two fully connected layers with a ReLU between them. Any framework can export such a file.

# %%
rng = np.random.default_rng(0)
shapes = {"w1": (300, 400), "b1": (300,), "w2": (100, 300)}
tensors = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
nodes = [
    helper.make_node("Gemm", ["x", "w1", "b1"], ["s"], name="first", transB=1),
    helper.make_node("Relu", ["s"], ["h"]),
    helper.make_node("Gemm", ["h", "w2"], ["y"], name="second", transB=1),
]
given = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 400])]
put = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 100])]
constants = [numpy_helper.from_array(value, name) for name, value in tensors.items()]
graph = helper.make_graph(nodes, "own", given, put, constants)
onnx.save(helper.make_model(graph), folder / "own.onnx")

# %% [markdown]
# ## Run it
#
# One line runs all layers. Each is pruned to a tenth of its weights, which share 4-bit codes. The network runs
# once in floating point on the input, so that each layer gets the zeros of the ReLU before it.

# %%
activation = np.maximum(0, rng.standard_normal((1, 400)))
result = zs.run("eie", folder / "own.onnx", activation, density=0.1)
print(result)

# %% [markdown]
# ## A machine of yours
#
# A copy of EIE's configuration with 16 PEs. A number without a source is refused.

# %%
eie = zs.load_arch("eie")
small = zs.load_arch("eie", pes=16)
print(f"{eie.arch.pes} PEs and {small.arch.pes} PEs")

# %% [markdown]
# The same as a file, for the command line: copy `eie_64pe.yaml`, change a line, and give its name to
# `zeroskip run`.
#
# ## Three machines
#
# Ratios are those of the baseline to each machine; `eie_64pe` is the changed one, with 16 PEs.

# %%
machines = ["eie", small, "scnn"]
comparison = zs.compare(machines, folder / "own.onnx", activation, density=0.1, baseline="eie")
frame = comparison.to_frame()
columns = ["layer", "name", "cycles", "time_us", "energy_uj", "speedup"]
print(frame[columns].round(3).to_string(index=False))

# %%
comparison.plot("energy")

# %% [markdown]
# What was assumed or left out is part of the result. Two of the notes:

# %%
for note in comparison.notes()[:2]:
    print("-", note[:86])

# %% [markdown]
# **Answer.** EIE with 64 PEs is the fastest, with 254 cycles for the first layer. 16 PEs take 498 and need
# less energy, 0.111 uJ instead of 0.277, because fewer PEs wait for each other. SCNN is made for
# convolutions: on the first layer it takes 2.123 us, where EIE takes 0.318. (Energies of SCNN and EIE have
# different bases and are not compared here; `--common-prices` compares them.)

# %% [markdown]
# ## Exercise
#
# How many PEs does the network need to be done within a microsecond?

# %%
for pes in (8, 16, 32):
    machine = zs.load_arch("eie", pes=pes)
    total = zs.run(machine, folder / "own.onnx", activation, density=0.1)
    print(f"{pes:3} PEs: {total.time_us:.2f} us")

# %% [markdown]
# **Solution.** 16: they take 0.86 us.
