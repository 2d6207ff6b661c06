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
# # 1. One layer on EIE
#
# A pruned layer, a machine, and everything that a run reports.

# %%
import pandas as pd

import zeroskip
from simulator import plots

# %% [markdown]
# ## The layer and the machine
#
# AlexNet's FC8 is drawn with the shape and the densities of the real one: a quarter of the weights and two fifths
# of the inputs are not zero. The machine is EIE as published. Each of its numbers has a source.

# %%
layer = zeroskip.load_workload("alexnet-fc8", seed=0)
eie = zeroskip.load_arch("eie")
print(f"{layer.layer.inputs} inputs, {layer.layer.outputs} outputs")
print(f"{layer.layer.weight_density:.1%} of weights, {layer.layer.activation_density:.1%} of inputs are not zero")
print(eie.arch)

# %% [markdown]
# ## The run
#
# `zeroskip.run` compares the output with that of the reference kernel, bit by bit. The theoretical time is that of
# all work spread evenly over the PEs.

# %%
result = zeroskip.run(eie, "alexnet-fc8", seed=0).single
values = result.to_dict()
keys = ["cycles", "time_us", "theoretical_us", "load_balance", "entries", "padding_entries", "output_matches_reference"]
pd.Series({key: values[key] for key in keys}, name=values["workload"]).to_frame()

# %% [markdown]
# ## Where the cycles went
#
# Each unit has exactly one reason in every cycle, so the reasons of the 64 PEs add up to 64 times the cycles.

# %%
reasons = pd.Series(result.reasons["PE"], name="cycles of all PEs")
assert reasons.sum() == eie.arch.pes * result.run.cycles
(100 * reasons / reasons.sum()).round(2).rename("% of the PEs' cycles").to_frame()

# %% [markdown]
# The PEs are sometimes starved: some get fewer entries of a column than others. Notebook 2 shows why.

# %% [markdown]
# ## Where the energy went
#
# Each event has a price, and each price a source. The components add up to the total.

# %%
pd.Series(values["energy_pj"], name="energy (uJ)").div(1e6).round(3).to_frame()

# %%
plots.show(plots.energy(result.to_frame(), "AlexNet's FC8 on EIE"))

# %%
lines = pd.DataFrame(result.energy)
lines.nlargest(5, "energy_pj")[["component", "event", "times", "pj_each", "source"]]

# %% [markdown]
# ## Cycle by cycle
#
# A tiny piece of a layer on two PEs, in its first 90 cycles. A letter shows what a unit did in a cycle: `m` multiply,
# `p` padding, `e` no entry in this column, `w` wait; the last row is the control: `s` scan, `b` broadcast, `f` a queue
# is full. `zeroskip.check` runs a machine with the trace of all cycles.

# %%
(twins,) = zeroskip.check(zeroskip.load_arch("eie", pes=2), "alexnet-fc8", scale=0.01)
print(zeroskip.show(twins.engine.run.trace[:, :90]))

# %% [markdown]
# ## Model and engine
#
# The SimPy model is written to be read, the Numba engine to be fast. `zeroskip.check` runs both and compares traces,
# cycles, counts and outputs; `None` means that no difference was found.

# %%
(twins,) = zeroskip.check(eie, "alexnet-fc8", scale=0.1)
print(twins.difference)
