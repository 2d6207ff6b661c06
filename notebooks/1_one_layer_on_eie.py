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
# A pruned layer, a machine, and everything that a run tells.

# %%
import pandas as pd

from simulator import plots
from simulator.core.run import first_difference
from simulator.core.trace import show
from simulator.pricing.energy import by_component
from simulator.run.verify import check_output
from zeroskip import load_arch, load_workload, simulate

# %% [markdown]
# ## The layer and the machine
#
# AlexNet's FC8 is drawn with the shape and the densities of the real one: a quarter of the weights and two fifths
# of the inputs are not zero. The machine is EIE as published. Every number of it has a source.

# %%
layer = load_workload("alexnet-fc8", seed=0)
eie = load_arch("eie")
print(f"{layer.layer.inputs} inputs, {layer.layer.outputs} outputs")
print(f"{layer.layer.weight_density:.1%} of weights, {layer.layer.activation_density:.1%} of inputs are not zero")
print(eie.arch)

# %% [markdown]
# ## The run
#
# `check_output` asks the reference kernel for the same output, bit by bit. The theoretical time is that of all work
# spread evenly.

# %%
result = check_output(simulate(eie, layer))
told = result.to_dict()
keys = ["cycles", "time_us", "theoretical_us", "load_balance", "entries", "padding_entries", "output_matches_reference"]
pd.Series({key: told[key] for key in keys}, name=told["workload"]).to_frame()

# %% [markdown]
# ## Where the cycles went
#
# Each unit has one reason in every cycle. So the reasons of the 64 PEs add up to 64 times the cycles.

# %%
reasons = pd.Series(result.reasons["PE"], name="cycles of all PEs")
assert reasons.sum() == eie.arch.pes * result.run.cycles
(100 * reasons / reasons.sum()).round(2).rename("% of the PEs' cycles").to_frame()

# %% [markdown]
# The PEs starve a little: some get fewer entries of a column than others. Notebook 2 shows what decides that.

# %% [markdown]
# ## Where the energy went
#
# Each event has a price, and each price a source. The components add up to the total.

# %%
pd.Series(by_component(result.energy), name="energy (uJ)").div(1e6).round(3).to_frame()

# %%
plots.show(plots.energy(result.to_frame(), "AlexNet's FC8 on EIE"))

# %%
lines = pd.DataFrame(result.energy)
lines.nlargest(5, "energy_pj")[["component", "event", "times", "pj_each", "source"]]

# %% [markdown]
# ## Cycle by cycle
#
# A tiny piece of a layer on two PEs. A letter says what a unit did in a cycle: `m` multiply, `p` padding, `e` no
# entry in this column, `w` wait; the last row is the control: `s` scan, `b` broadcast, `f` a queue is full.

# %%
tiny = load_workload("alexnet-fc8", scale=0.01)
traced = simulate(load_arch("eie", pes=2), tiny, trace_cycles=90)
print(show(traced.run.trace))

# %% [markdown]
# ## Two witnesses
#
# The SimPy model is written to be read, the Numba engine to be fast. They are equal to the last letter; `None`
# means that no difference was found.

# %%
small = load_workload("alexnet-fc8", scale=0.1)
model = simulate(eie, small, engine="simpy", trace_cycles=10**6)
engine = simulate(eie, small, engine="numba", trace_cycles=10**6)
print(first_difference(model.run, engine.run))
