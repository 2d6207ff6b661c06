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
# Two sensors: a LiDAR, whose scans are nearly empty, and a camera, whose frames do not wait. First a scan on two
# machines for pairs of voxels, then a detector behind a camera.

# %%
import pandas as pd

import zeroskip as zs

# %% [markdown]
# ## A scan
#
# BEVFusion's sparse encoder on a drawn scan, on PointAcc's array of 64 x 64 and on its small one of 16 x 16.

# %%
times = {}
for machine in ("points", "points_edge"):
    found = zs.run(machine, "bevfusion-encoder", output=False)
    times[machine] = found
    rows = [(one.workload.name, one.run.cycles, one.figures["load_balance"]) for one in found.results]
    frame = pd.DataFrame(rows, columns=["layer", "cycles", "multipliers busy"])
    print(machine)
    print(frame.nlargest(4, "cycles").round(2).to_string(index=False))
