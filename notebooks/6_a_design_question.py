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
# # 6. How many PEs, and how deep a queue, for AlexNet's last two layers?
#
# A design question from the first sweep to a decision. The machine is EIE; the workload is fc7 and fc8, one after
# the other. The chip may take 40 square millimetres, and both layers must be done within 25 us.

# %%
import pandas as pd

import zeroskip as zs

layers = [zs.load_workload(name) for name in ("alexnet-fc7", "alexnet-fc8")]

# %% [markdown]
# ## The space
#
# Every point runs both layers, cycle by cycle. Memories are scaled so that every machine holds the same in all: a
# machine with half of the PEs has twice the memory in each. `dram=none`: the weights of both layers are on the chip
# before they run. `violations` says what does not fit a machine; here nothing may.

# %%
rows = []
for pes in (16, 32, 64, 128, 256):
    each = 64 / pes  # memory of a PE, relative to EIE's
    for depth in (1, 4, 8, 16):
        machine = zs.load_arch(
            "eie_cacti",
            pes=pes,
            queue_depth=depth,
            spmat_bytes=int(131072 * each),
            activation_registers=int(64 * each),
            pointer_bits=20,
            dram="none",
        )
        results = [zs.simulate(machine, layer) for layer in layers]
        assert not any(one.violations for one in results)
        time = sum(one.time_us for one in results)
        energy = sum(one.energy_uj for one in results)
        rows.append((pes, depth, time, energy, results[0].area_mm2))
points = pd.DataFrame(rows, columns=["pes", "depth", "time us", "energy uJ", "area mm2"])
print(f"{len(points)} machines, {2 * len(points)} simulations; those with a queue of 8:")
print(points[points["depth"] == 8].round(1).to_string(index=False))

# %% [markdown]
# ## The front
#
# A point is on the front if no other one is better in time and in energy.

# %%
ordered = points.sort_values(["time us", "energy uJ"])
least = ordered["energy uJ"].cummin().shift(fill_value=float("inf"))
front = ordered[ordered["energy uJ"] < least]
print(front.round(1).to_string(index=False))

# %%
axes = points.plot.scatter("time us", "energy uJ", color="0.6", label="machines")
look = {"style": "o-", "label": "front", "drawstyle": "steps-post"}
front.plot(x="time us", y="energy uJ", ax=axes, **look)
axes.set_xscale("log")
axes.figure.tight_layout()

# %% [markdown]
# ## The decision

# %%
good = points[(points["time us"] <= 25) & (points["area mm2"] <= 40)]
print(good.round(1).to_string(index=False))

# %% [markdown]
# The area of a queue is not part of the model, so that a deeper queue looks free. Among machines within 1 % of the
# least energy, the shortest queue is taken.

# %%
near = good[good["energy uJ"] <= 1.01 * good["energy uJ"].min()]
chosen = near.nsmallest(1, "depth").iloc[0]
print(f"{chosen['pes']:.0f} PEs, a queue of {chosen['depth']:.0f}")
print(f"{chosen['time us']:.1f} us, {chosen['energy uJ']:.1f} uJ, {chosen['area mm2']:.1f} mm2")

# %% [markdown]
# **Answer.** 64 PEs with queues of 8: 22.4 us and 16.2 uJ on 37.2 square millimetres. 32 PEs take 43.9 us,
# too long. 128 PEs take about half of the time, on 46.2 square millimetres, as every PE has its own pointer
# memory and logic. Fewer PEs do not save energy: the same memories leak for longer.

# %% [markdown]
# ## Exercise
#
# Does the decision change if both layers must be done within 15 us?

# %%
faster = points[points["time us"] <= 15]
faster = faster[faster["energy uJ"] <= 1.01 * faster["energy uJ"].min()]
print(faster.nsmallest(1, "depth").round(1).to_string(index=False))

# %% [markdown]
# **Solution.** Then it takes 128 PEs and queues of 16: 11.4 us and 16.4 uJ, on 46.2 square millimetres, which
# the chip does not have.
