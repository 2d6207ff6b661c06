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
# # 8. A run takes three times the cycles of its work: what should change first?
#
# From the first run to a decision, without a sweep. The machine is an EIE with short queues; the layer is NT-We, whose
# 600 rows are spread over 64 PEs.

# %%
import pandas as pd

import zeroskip as zs


def machine(depth, pes=64):
    """An EIE whose weights are on the chip before it runs."""
    return zs.load_arch("eie_cacti", queue_depth=depth, pes=pes, dram="none")


first = machine(2)
layer = zs.load_workload("nt-we")
run = zs.simulate(first, layer)
print(f"{run.cycles:,} cycles")

# %% [markdown]
# ## Where the cycles go
#
# Each part is the difference of two runs: one with a mechanism and one in which it is ideal. The parts add up to the
# run's cycles.

# %%
found = zs.why(first, "nt-we", what_if=True)
stack = found.to_frame()[["part", "cycles", "share", "how"]]
assert stack["cycles"].sum() == found.cycles == run.cycles
print(stack[stack["cycles"] > 0].round(2).to_string(index=False))

# %% [markdown]
# Waiting in queues takes more than the work does. With longer queues, at most these cycles can be saved.
#
# ## Which single change brings most
#
# One step in each number of the configuration, each simulated; and the rows in another order.

# %%
each = [(a.key, a.before, a.after, a.cycles_saved, a.area_added_mm2) for a in found.changes]
changes = pd.DataFrame(each, columns=["change", "from", "to", "cycles saved", "mm2 more"])
print(changes[changes["cycles saved"] > 0].round(1).to_string(index=False))

# %% [markdown]
# A queue of 4 saves more than twice as much as 64 more PEs, which need 37.2 square millimetres more. The order of rows
# changes little while queues are short.
#
# ## How far this change goes
#
# The same question after each step, until the queues are no longer the largest loss.

# %%
names = "queue", "unevenness", "empty slices"
rows = []
for depth in (2, 4, 8, 16, 32):
    total = zs.why(machine(depth), "nt-we").total
    rows.append((depth, total.cycles, *(total.part(name).cycles for name in names)))
steps = pd.DataFrame(rows, columns=["depth", "cycles", *names])
print(steps.to_string(index=False))

# %% [markdown]
# From 32 on, nothing is left to be saved. The queue of 8 leaves 160 cycles; what remains are rows of different weights
# and slices without a weight, which no queue mends.
#
# ## What is worth a change now

# %%
eight = zs.why(machine(8), "nt-we", what_if=True)
best = [one for one in eight.changes if one.cycles_saved > 50]
for one in best:
    more = "no area" if not one.area_added_mm2 else f"{one.area_added_mm2:.1f} mm2 more"
    print(f"{one.key}: {one.before} to {one.after} saves {one.cycles_saved:,} cycles, {more}")
path = eight.layers[0].path
tight = [one for one in path.path.units if one.name.startswith("PE") and one.slack == 0]
print(f"{len(tight)} of 64 PEs have no slack")

# %%
eight.plot("slack")

# %% [markdown]
# ## The decision, checked by a run

# %%
for depth, pes in ((8, 64), (8, 128), (2, 128)):
    one = zs.simulate(machine(depth, pes), layer)
    print(f"queue {depth}, {pes} PEs: {one.cycles:,} cycles on {one.area_mm2:.1f} mm2")

# %% [markdown]
# **Answer.** The queues. With 8 entries in place of 2, the layer takes 6,417 cycles in place of 11,985, and no area
# that the model knows (the area of a queue is not part of it). 128 PEs with queues of 2 take 9,895 cycles on twice
# the area. After the queues, a better order of rows saves 248 cycles for nothing; what else is left are rows and
# slices of this matrix, which only another pruning changes.

# %% [markdown]
# ## Exercise
#
# VGG-16's fc8 has long rows. Is a queue of 8 the best change there, too, for a machine with queues of 2?

# %%
other = zs.why(machine(2), "vgg16-fc8", what_if=True)
for one in other.changes[:3]:
    print(f"{one.key}: {one.before} to {one.after} saves {one.cycles_saved:,} of {other.cycles:,}")
print(f"{other.total.part('queue').cycles:,} cycles of queues")

# %% [markdown]
# **Solution.** No: there 64 more PEs save 2,785 cycles and a queue of 4 saves 1,800. Long rows keep all PEs at work, so
# that more of them help; whether they are worth their area is another question.
