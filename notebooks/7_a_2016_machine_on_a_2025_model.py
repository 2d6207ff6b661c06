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
# # 7. What would a 2016 accelerator do with a 2025 model?
#
# EIE (2016) skips zero activations and keeps all weights in on-chip SRAM. Nemotron 3 Nano (2025) is a mixture of
# experts whose hidden values pass a squared ReLU, which leaves zeros. This notebook runs the second matrix of an
# expert on EIE, looks at what a whole token would take, and at what batches do to the zeros.

# %%
import pandas as pd

import zeroskip as zs

MATRIX = "nemotron3-nano/expert-down"  # 1856 hidden values -> 2688 outputs

# %% [markdown]
# ## One matrix, one token
#
# The weights are in NVFP4 and not pruned; only activations have zeros. How many is not published for this model.
# EIE broadcasts non-zero activations one after the other, so that its time should be proportional to their share.

# %%
rows = []
for density in (0.05, 0.1, 0.15, 0.25, 0.5, 1.0):
    result = zs.simulate("eie_nvfp4", MATRIX, activation_density=density)
    assert result.output_matches_reference
    rows.append((density, result.cycles, result.time_us, result.energy_uj))
eie = pd.DataFrame(rows, columns=["density", "cycles", "us", "uJ"])
dense = eie["cycles"].iloc[-1]
eie["gain"] = dense / eie["cycles"]
eie["1 / density"] = 1 / eie["density"]
print(eie.round(2).to_string(index=False))

# %% [markdown]
# The gain follows 1 / density: what EIE was made for works on a matrix of 2025, down to the last few per cent, which
# are the run's beginning and end.
#
# ## A whole token
#
# A token uses 3.2 billion weights, most of them read once. One step on the memory and the throughput of an H200 gives
# the bytes; EIE has no room for the model, and so the question is how many chips it would take.

# %%
step = zs.run("tensor_h200", "nemotron3-nano", format="nvfp4", batch=1, context=8192)
parts = pd.Series(step.bytes_by_part)
print(f"{step.tokens_per_s:,.0f} tokens/s, {step.total().dram_bytes / 1e9:.2f} GB a token")
print((parts[parts > 0] / 1e6).round(1).to_string())

# %%
held = 64 * 131072  # bytes of the sparse-matrix SRAMs of 64 PEs
model = 31.58e9 * 4.5 / 8  # weights of the whole model in NVFP4 with their scales
chips = model / held
one = zs.simulate("eie_nvfp4", MATRIX, activation_density=0.25)
print(f"{held / 1e6:.1f} MB on a chip, {model / 1e9:.1f} GB in the model")
print(f"{chips:,.0f} chips of {one.area_mm2:.0f} mm2")

# %% [markdown]
# ## Batches
#
# A GPU reads a weight once for all tokens of a batch. A weight of the second matrix can be left out only if its
# activation is zero in every token. With independent zeros, the share of activations that any of B tokens uses is
# 1 - (1 - d)^B.

# %%
batches = [1, 2, 4, 8, 16, 64]
densities = (0.05, 0.15, 0.25)
union = pd.DataFrame({d: [1 - (1 - d) ** b for b in batches] for d in densities}, index=batches)
union.index.name = "batch"
print((100 * union).round(1).to_string())
print(f"16 tokens at 0.25 leave {100 - 100 * union.loc[16, 0.25]:.0f} % unread")

# %%
axes = (100 * union).plot(marker="o", logx=True)
axes.set_xlabel("tokens in a batch")
axes.set_ylabel("rows of the second matrix that are read (%)")
axes.legend(title="density of a token")
axes.figure.tight_layout()

# %% [markdown]
# **Answer.** On one expert's second matrix EIE gains what it promises: 3.99 times at a density of 0.25. A whole model
# needs 2,118 of its chips, and a batch of 16 tokens with a density of 0.25 leaves only 1 % of the rows unread. The idea
# of 2016 suits one user and a small model on one chip; what a GPU of 2025 does for many users has no zeros left to
# skip.

# %% [markdown]
# ## Exercise
#
# At which density do 16 tokens still leave half of the rows unread?

# %%
half = 1 - 0.5 ** (1 / 16)
print(f"{100 * half:.1f} %")

# %% [markdown]
# **Solution.** 4.2 %: less than any published ReLU network has.
