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
# # 2. What evens out the work of the PEs?
#
# A pruned matrix gives each PE a different number of entries in each column. A PE that finishes early has to
# wait, unless something evens out the work. This notebook tries three things: deeper queues, fewer PEs, and
# pruning that knows the PEs.

# %%
import numpy as np
import pandas as pd

import zeroskip as zs

# %% [markdown]
# ## Deeper queues
#
# With a queue of one slot, all PEs wait for the slowest in every column. With more slots, a PE that finishes
# early goes on with the next column, and uneven columns average out.

# %%
by_depth = zs.sweep("eie", "alexnet-fc8", {"queue_depth": [1, 2, 4, 8, 16, 32, 64]})
shown = by_depth.to_frame()[["queue_depth", "cycles", "load_balance"]]
print(shown.round(3).to_string(index=False))

# %%
by_depth.plot("queue-depth")

# %% [markdown]
# ## Fewer PEs
#
# With fewer PEs, each has more entries of a column, and longer slices are less uneven. `dram=none` fills the
# memories in no time, so that only the load balance has an effect.

# %%
by_pes = zs.sweep("eie", "alexnet-fc8", {"pes": [4, 16, 64, 256]}, fixed={"dram": "none"})
print(by_pes.to_frame()[["pes", "cycles", "load_balance"]].round(3).to_string(index=False))

# %%
by_pes.plot("speedup")

# %% [markdown]
# ## Smoother matrices
#
# Below, every matrix keeps a tenth of its weights. With a row scale of 0, all rows keep about the same number;
# the larger the scale, the more these numbers differ, as they do in trained networks.

# %%
rng = np.random.default_rng(0)
weight = rng.standard_normal((1024, 1024))
strength, activation = rng.standard_normal((1024, 1)), np.maximum(0, rng.standard_normal(1024))
rows = []
for scale in (0.0, 0.1, 0.3, 0.6):
    arrays = {"weight": weight * np.exp(scale * strength), "activation": activation}
    rough = zs.run("eie", arrays, density=0.1).single
    rows.append((scale, rough.cycles, rough.to_dict()["load_balance"]))
columns = ["row scale", "cycles", "load balance"]
print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))

# %% [markdown]
# ## Pruning that knows the PEs
#
# No queue helps a PE that has more entries than the others in the whole matrix. ESE therefore prunes each PE's
# rows to the same share. Plain pruning keeps the largest weights wherever they are.

# %%
balanced = zs.sweep("ese", "google-lstm", {"prune": ["plain", "balanced"]}, fixed={"dram": "none"})
print(balanced.to_frame()[["prune", "cycles", "load_balance"]].round(3).to_string(index=False))

# %% [markdown]
# **Answer.** Queues do most: eight slots raise the load balance from 0.482 to 0.894, and 64 slots add little
# (0.904). Fewer PEs help as well (0.965 on 16), but they take longer. What queues cannot even out, rows that
# are rough over the whole matrix, balanced pruning does: ESE takes 16677 cycles a time step with it, and
# 18739 without.

# %% [markdown]
# ## Exercise
#
# How much does a queue of depth 8 bring on 256 PEs, over a queue of depth 1?

# %%
many = zs.sweep("eie", "alexnet-fc8", {"queue_depth": [1, 8]}, fixed={"pes": 256})
cycles = many.to_frame()["cycles"]
print(f"{cycles[0]:,} and {cycles[1]:,} cycles: {cycles[0] / cycles[1]:.2f} times")

# %% [markdown]
# **Solution.** A factor of 2.36, more than on 64 PEs: the shorter the slices, the more uneven they are.
