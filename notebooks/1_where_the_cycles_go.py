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
# # 1. Where do the cycles and the energy of a layer go?
#
# AlexNet's FC8 on EIE, drawn with the shape and the densities of the real layer. After this notebook you
# know how to read a result: cycles by reason, energy by event, and a timeline.

# %%
import pandas as pd

import zeroskip as zs

# %%
result = zs.run("eie", "alexnet-fc8").single
print(result)

# %% [markdown]
# `run` has compared the output with that of a reference kernel, bit by bit. The theoretical time is that of
# all work spread evenly over the PEs, as if nothing ever waited:

# %%
values = result.to_dict()
late = values["time_us"] / values["theoretical_us"] - 1
print(f"{values['time_us']:.2f} us, {100 * late:.1f} % more than the theoretical time")

# %% [markdown]
# ## What did every unit do in each cycle?
#
# Every unit has exactly one reason in every cycle, so the reasons of 64 PEs add up to 64 times the cycles.

# %%
reasons = pd.Series(result.reasons["PE"], name="cycles of all PEs")
assert reasons.sum() == 64 * result.cycles
shares = 100 * reasons / reasons.sum()
print(shares.round(1).to_string())

# %% [markdown]
# ## What did each event cost?
#
# Energy is counts times prices, and each price has a source. These are the three events that cost most:

# %%
lines = pd.DataFrame(result.energy)
lines["share"] = 100 * lines["energy_pj"] / lines["energy_pj"].sum()
top = lines.nlargest(3, "energy_pj")[["event", "times", "pj_each", "share"]].round(1)
print(top.to_string(index=False))

# %%
result.plot("energy")

# %% [markdown]
# ## What does it look like, cycle by cycle?
#
# A small piece of the layer on two PEs: `m` multiply, `p` padding, `e` an empty slice, `w` waiting for a column.
# The last row is the control: `s` scan, `b` broadcast, `f` a queue is full.

# %%
(twins,) = zs.check(zs.load_arch("eie", pes=2), "alexnet-fc8", scale=0.01)
print(zs.show(twins.engine.run.trace[:, :60]))

# %% [markdown]
# `check` runs the SimPy model and the compiled engine and compares traces, cycles, counts and outputs:

# %%
print("difference between model and engine:", twins.difference)

# %% [markdown]
# **Answer.** The layer takes 9.90 us, 11.9 % more than the theoretical time: PEs issue entries in 89.4 % of
# their cycles and wait for a column in 10.0 %. Pointer reads and reads of weight rows take most of the energy,
# 26.7 % and 32.4 %.

# %% [markdown]
# ## Exercise
#
# Which event costs most if the layer keeps only 5 % of its weights? Guess first: are there fewer pointer reads?

# %%
sparser = pd.DataFrame(zs.run("eie", "alexnet-fc8", density=0.05).single.energy)
sparser["share"] = 100 * sparser["energy_pj"] / sparser["energy_pj"].sum()
print(sparser.nlargest(1, "energy_pj")[["event", "times", "share"]].round(1).to_string(index=False))

# %% [markdown]
# **Solution.** Pointer reads: their number depends on the columns that are broadcast, not on the weights in
# them, so that they now take 58.1 % of all energy.
