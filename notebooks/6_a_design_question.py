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
# # 6. How many PEs, and how deep a queue, for AlexNet's classifier?
#
# A design question from the first sweep to a decision. The machine is EIE; the workload are the three fully
# connected layers of AlexNet, 58.6 million weights before pruning. The chip may take 40 mm2, and the layers must
# be done within 60 us.

# %%
import pandas as pd

import zeroskip as zs

names = ["alexnet-fc6", "alexnet-fc7", "alexnet-fc8"]
layers = [zs.load_workload(name) for name in names]

# %% [markdown]
# ## The space
#
# Every point runs all three layers, cycle by cycle. Memories are scaled so that every machine holds the same
# weights in all: a machine with half of the PEs has twice the memory in each.

# %%
rows = []
for pes in (16, 32, 64, 128, 256):
    for depth in (1, 4, 8, 16):
        machine = zs.load_arch(
            "eie_cacti",
            pes=pes,
            queue_depth=depth,
            spmat_bytes=131072 * 64 // pes,
            dram="none",
        )
        results = [zs.simulate(machine, layer) for layer in layers]
        time = sum(one.time_us for one in results)
        energy = sum(one.energy_uj for one in results)
        rows.append((pes, depth, time, energy, results[0].area_mm2))
points = pd.DataFrame(rows, columns=["pes", "depth", "time us", "energy uJ", "area mm2"])
print(f"{len(points)} machines, {3 * len(points)} simulations; those with a queue of 8:")
print(points[points["depth"] == 8].round(1).to_string(index=False))

# %% [markdown]
# ## The front
#
# A point is on the front if no other one is better in time and in energy.

# %%
ordered = points.sort_values(["time us", "energy uJ"])
front = ordered[ordered["energy uJ"] < ordered["energy uJ"].cummin().shift(fill_value=float("inf"))]
print(front.round(1).to_string(index=False))

# %%
axes = points.plot.scatter("time us", "energy uJ", color="0.6", label="machines")
front.plot(x="time us", y="energy uJ", ax=axes, style="o-", label="front", drawstyle="steps-post")
axes.set_xscale("log")
axes.figure.tight_layout()

# %% [markdown]
# ## The decision

# %%
good = points[(points["time us"] <= 60) & (points["area mm2"] <= 40)]
print(good.round(1).to_string(index=False))

# %% [markdown]
# The area of a queue is not part of the model, so that a deeper queue looks free. Among machines within 1 % of
# the least energy, the shortest queue is taken.

# %%
near = good[good["energy uJ"] <= 1.01 * good["energy uJ"].min()]
chosen = near.nsmallest(1, "depth").iloc[0]
print(f"{chosen['pes']:.0f} PEs, a queue of {chosen['depth']:.0f}")
print(f"{chosen['time us']:.1f} us, {chosen['energy uJ']:.1f} uJ, {chosen['area mm2']:.1f} mm2")

# %% [markdown]
# **Answer.** 64 PEs with queues of 8: 52.5 us and 37.3 uJ on 37.2 square millimetres. With 32 PEs the layers
# take 104.7 us. 128 PEs take half of the time, and 46.2 square millimetres, as every PE has pointers and
# queues. Fewer PEs do not save energy: leakage of the same memories lasts longer.

# %% [markdown]
# ## Exercise
#
# Does the decision change if the layers must be done within 30 us? Change the number above and see; the front
# has the answer.

# %%
faster = points[points["time us"] <= 30].nsmallest(1, "energy uJ")
print(faster.round(1).to_string(index=False))

# %% [markdown]
# **Solution.** Then it takes 128 PEs: 26.2 us and 36.6 uJ, on 46.2 square millimetres, which the chip does
# not have.
