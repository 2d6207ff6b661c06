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
# # 5. How far can I trust a figure?
#
# The papers publish curves and tables. `zs.validate` simulates all of them. Layers are drawn here once each; the
# tables of the documentation are means over ten draws.

# %%
import zeroskip as zs

eie = zs.validate("eie", draws=1)
frame = eie.to_frame()
print(f"{len(frame)} figures, {frame['published'].notna().sum()} with a published value")

# %% [markdown]
# ## Predicted or fitted?
#
# Agreement counts only where it could have failed. Every figure has a class: nothing was adjusted to what is
# *predicted*; *calibrated* figures agree because something was fitted to them; *given* ones are inputs.

# %%
known = frame.dropna(subset=["error_percent"])
errors = known.assign(size=known["error_percent"].abs())
print(errors.groupby("figure_class")["size"].agg(["count", "mean", "max"]).round(1).to_string())

# %%
eie.plot("errors")

# %% [markdown]
# ## A curve: load balance by number of PEs

# %%
predicted = errors[(errors["figure_class"] == "predicted") & (errors["table"] == "Fig 13")]
size = predicted["size"]
print(f"{len(predicted)} points, {size.mean():.1f} % off, at most {size.max():.0f} %")

# %% [markdown]
# ## What is far off?

# %%
worst = errors[errors["figure_class"] == "predicted"].nlargest(4, "size")
print(worst[["table", "row", "error_percent"]].round(0).to_string(index=False))

# %% [markdown]
# **Answer.** Times and load balances are good to a few per cent, but for very short queues and very many PEs; how the
# power of a PE divides among its modules is not: its queue is off by 102 %. So compare machines by time, and by
# energy as a whole, not by the energy of a module.

# %% [markdown]
# ## Exercise
#
# How far is the predicted time of AlexNet's FC7 off in this draw?

# %%
times = errors[(errors["table"] == "Table IV") & (errors["quantity"] == "actual_us")]
print(times[["row", "published", "simulated", "error_percent"]].round(1).to_string(index=False))

# %% [markdown]
# **Solution.** By the line `alexnet-fc7`: a few per cent, like the others.
