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
# # 9. How late does a vehicle see?
#
# A LiDAR's scans are nearly empty, and a camera's frames do not wait. First a scan on machines for pairs of voxels:
# where does the time go, and how should features travel? Then the same machines and a detector for images serve a
# sensor: how long after it appears is an object found?

# %%
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import zeroskip as zs

# %% [markdown]
# ## A scan
#
# BEVFusion's encoder reads voxels of 7.5 cm x 7.5 cm x 20 cm. The scan is drawn: a turn of 32 beams around the
# vehicle.

# %%
scan = zs.load_workload("bevfusion-encoder", layer="input").layer
cells = np.prod(scan.geometry.grid)
count = len(scan.places)
print(f"{count:,} of {cells:,} voxels hold a point, one in {cells / count:,.0f}")

# %%
metres = scan.places * [0.075, 0.075, 0.2] - [54, 54, 5]
seen = pd.DataFrame(metres, columns=["x (m)", "y (m)", "height (m)"])
look = {"s": 1, "colormap": "viridis", "figsize": (7, 5.6)}
axes = seen.plot.scatter("x (m)", "y (m)", c="height (m)", **look)
axes.set_aspect("equal")
axes.figure.tight_layout()

# %% [markdown]
# ## Where the time goes
#
# `points` is modelled after PointAcc: 64 x 64 multipliers, a row for each input feature and a column for each output
# feature. `points_edge` has 16 x 16.

# %%
found = {name: zs.why(name, "bevfusion-encoder") for name in ("points", "points_edge")}
for name, one in found.items():
    parts = one.to_frame().pivot_table(index="layer", columns="part", values="cycles", sort=False)
    shares = pd.DataFrame({"cycles": parts.sum(axis=1).astype(int)})
    for part in ("work", "fragmentation", "mapping", "memory"):
        shares[f"{part} %"] = (100 * parts[part] / shares["cycles"]).round(1)
    print(name)
    print(shares.loc[["input", "1a", "2-down", "2a", "3a", "4a"]].to_string(), "\n")

# %%
found["points"].plot("stacks")

# %% [markdown]
# Fragmentation is what multipliers miss as features do not fill the array: 16 features use a sixteenth of 64 x 64.
# Finding the pairs (mapping) costs most where a stride makes new places.
#
# ## How features travel
#
# Three dataflows: every pair fetches its features and sends its sums to DRAM (gather, multiply, scatter); sums of a
# tile of outputs stay on the chip (fetch on demand); tiles of 128 outputs stream empty rows, too (implicit GEMM).

# %%
WAYS = "gather, multiply, scatter", "fetch on demand", "implicit GEMM"
rows = []
for name in found:
    for number, way in enumerate(WAYS):
        machine = zs.load_arch(name, dataflow=number)
        one = found[name] if way == "fetch on demand" else zs.why(machine, "bevfusion-encoder")
        rows.append((way, name, one.cycles / 1e6))
ways = pd.DataFrame(rows, columns=["way", "machine", "ms"]).pivot(index="way", columns="machine")
ways = ways["ms"].loc[list(WAYS)]  # at 1 GHz, a million cycles is a millisecond
slower = ways / ways.loc["fetch on demand"]
print(ways.round(1).to_string(), "\n")
print("times as long as fetched on demand")
print(slower.round(1).to_string())

# %% [markdown]
# All of these skip the same empty cells. What a machine does with sums decides more than how many multipliers it has:
# 256 of them that fetch on demand take less than three times as long as 4,096 that scatter.

# %%
rate = ways.loc["fetch on demand", "points_edge"] / ways.loc["gather, multiply, scatter", "points"]
print(f"{rate:.2f} times as long")
print((1000 / ways.loc["fetch on demand"]).round(0).to_string())
largest = zs.simulate("points", "bevfusion-encoder", layer="4a")
print(f"4a: {largest.cycles:,} cycles, equal to the kernel: {largest.output_matches_reference}")

# %% [markdown]
# ## Behind a sensor
#
# `points_edge` serves 15 scans a second; a sensor that turns 20 times a second does not wait for it. Which delay
# follows? Here are 60 objects in 20 seconds as text of the MOT Challenge, and a detector that finds each in four of
# five frames. They are known 60 times a second, and a sensor sees every second, third, fourth ... of these frames.

# %%
FINEST, SECONDS = 60, 20


def write(folder, skip):
    """Objects and detections of every `skip`-th frame; the names of both files."""
    rng = np.random.default_rng(0)
    lines = {"truth": [], "found": []}
    for number in range(60):
        first = rng.integers(0, FINEST * (SECONDS - 4))
        hits = rng.random(4 * FINEST) < 0.8
        for frame in range(first, first + rng.integers(FINEST, 4 * FINEST)):
            if frame % skip == 0:
                box = f"{20 * number},{frame % 300},40,30"
                lines["truth"].append(f"{frame // skip + 1},{number + 1},{box},1")
                if hits[frame - first]:
                    lines["found"].append(f"{frame // skip + 1},-1,{box},0.9")
    for name, text in lines.items():
        (folder / f"{name}_{skip}.txt").write_text("\n".join(text))
    return folder / f"truth_{skip}.txt", folder / f"found_{skip}.txt"


folder = Path(tempfile.mkdtemp())
files = {FINEST // skip: write(folder, skip) for skip in (2, 3, 4, 6)}


@cache
def serve(machine, fps, **options):
    """The encoder on a machine that serves a sensor."""
    return zs.camera(machine, "bevfusion-encoder", *files[fps], fps=fps, **options)


def delay(served):
    """Mean ms until an object is found; it comes half a frame before it is seen, on average."""
    return served.points[0].unclipped_ms + 500 / served.fps


# %%
rows = []
for machine in found:
    for fps in files:
        served = serve(machine, fps)
        share = 100 * served.served / served.frames
        rows.append((machine, fps, share, served.latency_ms["median"], delay(served)))
heads = ["machine", "scans a second", "served %", "latency ms", "delay ms"]
curve = pd.DataFrame(rows, columns=heads)
print(curve.round(1).to_string(index=False))

# %%
axes = curve.pivot(index="scans a second", columns="machine", values="delay ms").plot(marker="o")
axes.set_ylabel("mean delay (ms)")
axes.set_ylim(bottom=0)
axes.figure.tight_layout()

# %% [markdown]
# A faster sensor helps the fast machine. The slow one is best at 15 scans a second, the rate that it serves: beyond,
# scans are lost, and each waits while the one before it is served.
#
# ## What to do with scans that wait
#
# At 20 scans a second on `points_edge`.

# %%
rows = []
for policy, depth in (("newest", 1), ("drop", 0), ("drop", 8), ("block", 8)):
    served = serve("points_edge", 20, policy=policy, depth=depth)
    lost = served.dropped + served.missed
    rows.append((policy, depth, served.served, lost, served.latency_ms["median"], delay(served)))
columns = ["policy", "queue", "served", "lost", "latency ms", "delay ms"]
policies = pd.DataFrame(rows, columns=columns)
print(policies.round(1).to_string(index=False))

# %% [markdown]
# A queue of eight serves the most scans and is the worst: each of them waits for all that came before it. Without a
# queue every second scan is lost, but each that is served has just come, and objects are found first.
#
# ## Less to see: CaTDet
#
# A camera's detector, Faster R-CNN with ResNet-50, does the same work for each frame. CaTDet lets a cheap network
# propose regions, adds those of a tracker, and runs the expensive network on nothing else. On the dense machine, with
# the share of a frame and the number of regions that `zeroskip study catdet` prints for its drawn road (B):

# %%
COVER, REGIONS, PROPOSED = 0.5308, 16.69, 300
parts = ("resnet50", "resnet50-proposals", "resnet50-region", "resnet10b", "resnet10b-region")
ms = {}
for part in parts:
    stage = zs.camera("dcnn", f"kitti-{part}", *files[30]).stages[0]
    ms[part] = stage.service_us / 1000
regions = ms["resnet50-region"], ms["resnet10b-region"]
single = ms["resnet50"] + ms["resnet50-proposals"] + PROPOSED * regions[0]
cascade = ms["resnet10b"] + PROPOSED * regions[1] + COVER * ms["resnet50"] + REGIONS * regions[0]
print(pd.Series(ms, name="ms").round(3).to_string(), "\n")
print(f"single {single:.0f} ms, {1000 / single:.1f} frames a second")
print(f"CaTDet {cascade:.0f} ms, {1000 / cascade:.1f} frames a second")
share = 100 * PROPOSED * regions[0] / single
print(f"{single / cascade:.1f} times as fast; regions take {share:.0f} %")

# %% [markdown]
# **Answer.** With `points`, 41.3 ms after an object appears at 20 scans a second, and 29.4 ms at 30. With
# `points_edge`, 117.1 ms at 15 scans a second and 139.6 ms at 20: a sensor that is faster than the machine makes it
# later. Sums that stay on the chip are worth 4.5 times on the large array and 19.6 times on the small one. For images,
# doing less is worth more: CaTDet takes 56 ms in place of 336, as regions take 88 % of the time without it.

# %% [markdown]
# ## Exercise
#
# Two `points_edge` share the scans of a sensor with 20 a second. Is that as good as one `points`?

# %%
twice = serve("points_edge", 20, copies=2)
print(f"{twice.served} of {twice.frames} served, {twice.latency_ms['median']:.1f} ms latency")
print(f"{delay(twice):.0f} ms, points {delay(serve('points', 20)):.0f} ms")

# %% [markdown]
# **Solution.** No: all scans are served, but each takes as long as before. An object is found after 102 ms, and after
# 41 ms with `points`.
