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
# # 3. Where does SCNN's gain over a dense machine come from?
#
# SCNN skips the zeros of weights and of activations. The paper compares it with a dense machine of the same size
# (DCNN) and with versions that skip one side only. This notebook does the same for one layer of VGG-16, and then
# asks what is left on the table.

# %%
import pandas as pd

import zeroskip as zs

LAYER = "vgg16-conv4_2"

# %%
machines = ["scnn", "scnn_sparse_weights", "scnn_sparse_activations", "dcnn"]
comparison = zs.compare(machines, LAYER, baseline="dcnn")
frame = comparison.to_frame()
print(frame[["name", "cycles", "speedup", "energy_uj"]].round(2).to_string(index=False))

# %% [markdown]
# The densities say what would be possible: a machine with as many multipliers that never wastes one needs only
# the products of two non-zeros.

# %%
scnn = zs.run("scnn", LAYER).single
values = scnn.to_dict()
both = values["weight_density"] * values["activation_density"]
print(f"weights {values['weight_density']:.1%}, inputs {values['activation_density']:.1%} not zero")
print(f"both: {both:.1%} of all products, {1 / both:.1f} times fewer")

# %% [markdown]
# ## What is lost
#
# The cycles of all PEs, by reason: SCNN waits for weights (`starved`) because PEs get different work and the
# fastest may be at most 50 vectors ahead of the slowest.

# %%
reasons = pd.Series(scnn.reasons["PE"])
print((100 * reasons[reasons > 0] / reasons.sum()).round(1).to_string())

# %% [markdown]
# A step multiplies a vector of 4 weights by one of 4 inputs; vectors that are not full waste multipliers:

# %%
products, steps = values["entries"], reasons["multiply"]
print(f"{products / steps:.2f} of 16 multipliers work in a step: {products / steps / 16:.1%}")

# %%
comparison.plot("latency")

# %% [markdown]
# **Answer.** SCNN is 4.89 times as fast as DCNN on this layer; skipping zero weights alone gives 3.69, skipping
# zero inputs alone 1.15. The zeros alone would allow more: PEs wait for weights in 35.1 % of their cycles, and
# 77.4 % of the multipliers work in a step.

# %% [markdown]
# ## Exercise
#
# How much of the waiting is the FIFO's fault? Try one that holds 1,000 vectors.

# %%
deep = zs.run(zs.load_arch("scnn", fifo_vectors=1000), LAYER).single
print(f"{scnn.cycles:,} -> {deep.cycles:,} cycles: {scnn.cycles / deep.cycles:.2f} times as fast")

# %% [markdown]
# **Solution.** It makes the layer 1.13 times as fast: a deeper FIFO lets fast PEs run ahead within a round, and
# the barrier at the end of each round takes the rest.
