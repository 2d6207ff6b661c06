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
# # 3. Four machines on AlexNet
#
# EIE runs the fully connected layers only. SCNN skips the zeros of weights and activations, also in convolutions.
# DCNN multiplies everything; DCNN-opt gates zeros and compresses its traffic. All run the same drawn layers, with the
# published densities.

# %%
import zeroskip
from simulator import plots

# %%
machines = ["eie", "scnn", "dcnn", "dcnn_opt"]
comparison = zeroskip.compare(machines, "alexnet")
frame = comparison.to_frame()
print(f"baseline: {comparison.baseline}; every output right: {frame['output_matches_reference'].dropna().all()}")

# %% [markdown]
# ## Time
#
# Microseconds of each layer. EIE has no figures for convolutions: it cannot run them.


# %%
def by_machine(column, digits):
    """A column of the comparison, a row for each layer and a column for each machine."""
    table = frame.pivot(index="layer", columns="name", values=column)
    return table.loc[list(comparison.layers), machines].astype(float).round(digits)


by_machine("time_us", 1)

# %%
ran = frame.dropna(subset=["cycles"]).sort_values("layer", kind="stable").reset_index(drop=True)
convolutions = ran[ran["kind"] == "convolution"].reset_index(drop=True)
plots.show(plots.latency(convolutions, "AlexNet's convolutions on three machines"))

# %% [markdown]
# ## Speed-up over DCNN
#
# SCNN gains where weights and activations have zeros, most in the middle of the network. In a fully connected layer
# the plane is a single place, so one PE of 64 works; DCNN has the same problem there. EIE is made for these layers.

# %%
by_machine("speedup", 2)

# %% [markdown]
# ## Energy
#
# Microjoules. The prices of SCNN and of both DCNNs have the same origin and can be compared. EIE's come from another
# paper, and its weights are on the chip before the run, while the others fetch them from DRAM; so its column is not on
# the same scale.

# %%
by_machine("energy_uj", 2)

# %%
plots.show(plots.energy(convolutions, "AlexNet's convolutions on three machines"))

# %% [markdown]
# ## Roofline
#
# The bound of each layer on each machine: operations per second, or bytes of the memory that the machine waits for.

# %%
plots.show(plots.roofline(ran, "AlexNet on four machines"))

# %% [markdown]
# ## What was left out or assumed
#
# A comparison says which layers did not run where and why, what does not fit, what compressed biases change in the
# outputs, and where energies have different bases.

# %%
print("\n".join(comparison.notes()))
