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
# # 2. Why load balance matters
#
# A pruned matrix gives each PE a different number of entries in each column. A PE that finishes early has to wait,
# unless something evens out the work. Three things do: deeper queues, smoother matrices, and pruning that knows the
# PEs.

# %%
import numpy as np
import pandas as pd

from simulator import plots
from simulator.machines.ese.paper.balance import points
from zeroskip import load_arch, load_workload, simulate

# %% [markdown]
# ## Queue depth
#
# With a queue of one slot, all PEs wait for the slowest in every column. With more slots, a PE that finishes early
# continues with the next column, and uneven columns average out. Eight slots are enough; more bring little. EIE's
# authors chose eight.

# %%
layer = load_workload("alexnet-fc8")
depths = [1, 2, 4, 8, 16, 32, 64]
by_depth = pd.concat([simulate(load_arch("eie", queue_depth=depth), layer).to_frame() for depth in depths])
by_depth[["arch.queue_depth", "cycles", "load_balance", "cycles_by_reason.starved"]]

# %%
plots.show(plots.queue_depth(by_depth, "AlexNet's FC8 on EIE"))

# %% [markdown]
# ## Number of PEs
#
# With more PEs, each has fewer entries of a column, and shorter slices are more uneven, so a queue of eight evens out
# less and less. A few PEs do not hold the whole layer; `dram="none"` fills their memories in no time, so that only the
# load balance has an effect.

# %%
pes = [4, 16, 64, 256]
by_pes = pd.concat([simulate(load_arch("eie", pes=count, dram="none"), layer).to_frame() for count in pes])
by_pes[["arch.pes", "cycles", "time_us", "load_balance", "padding_entries"]]

# %%
plots.show(plots.speedup(by_pes, "AlexNet's FC8 on EIE"))

# %% [markdown]
# ## Dispersion
#
# Matrices of the same density can be smooth or rough. Below, every matrix keeps a tenth of its weights. With a row
# scale of 0, all rows keep about the same number; the larger the scale, the more these numbers differ, as in trained
# networks.

# %%
rng = np.random.default_rng(0)
weight, activation = rng.standard_normal((1024, 1024)), np.maximum(0, rng.standard_normal(1024))
strength = rng.standard_normal((1024, 1))
scales = [0.0, 0.1, 0.3, 0.6]
matrices = [{"weight": weight * np.exp(scale * strength), "activation": activation} for scale in scales]
rough = [simulate(load_arch("eie"), load_workload(matrix, density=0.1)).to_frame() for matrix in matrices]
pd.concat(rough, keys=scales, names=["row scale"]).droplevel(1)[["weight_density", "cycles", "load_balance"]]

# %% [markdown]
# ## Pruning that knows the PEs
#
# No queue helps a PE that has more entries than the others in the whole matrix. ESE therefore prunes each PE's rows
# to the same share. Plain pruning keeps the largest weights wherever they are. Below: speed-up over the dense LSTM on
# the same machine.

# %%
rows = [
    {**one._asdict(), "balanced_speedup": one.balanced_speedup, "plain_speedup": one.plain_speedup}
    for one in points(0.1, 0, (8, 32, 128))
]
balanced = pd.DataFrame(rows)
balanced[["pes", "plain_speedup", "balanced_speedup", "plain_load", "balanced_load"]]

# %%
plots.show(plots.balance(balanced, "google-lstm on ESE"))
