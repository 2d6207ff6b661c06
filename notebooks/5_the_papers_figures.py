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
# # 5. The papers' figures, redrawn
#
# Published points beside simulated ones. Layers are drawn with the papers' shapes and densities, here once each;
# the tables of the documentation take three draws. `zeroskip validate eie` prints all of them.

# %%
import pandas as pd

from simulator import plots
from simulator.core.published import summarise
from simulator.machines.eie.paper import validation as eie
from simulator.machines.ese.paper import validation as ese

# %%
rows = pd.DataFrame(eie.rows(seed=0, draws=1, layers=["alexnet-fc8", "nt-lstm"]))
rows[["layer", "point"]] = rows["row"].str.split(", ", expand=True).reindex(columns=[0, 1])
rows.groupby(["table", "quantity"])["error_percent"].agg(["count", "mean"]).round(2)

# %% [markdown]
# ## EIE, Fig 8: load balance by queue depth
#
# Rings are the paper's points.

# %%
plots.show(plots.published(rows[rows["table"] == "Fig 8"], "EIE, Fig 8"))

# %% [markdown]
# ## EIE, Fig 12 and Fig 13: padding and load balance by number of PEs
#
# More PEs leave less room for padding, because each bank has fewer rows between two entries. And they are harder to
# balance.

# %%
plots.show(plots.published(rows[rows["table"].isin(["Fig 12", "Fig 13"])], "EIE, Fig 12 and Fig 13"))

# %% [markdown]
# ## EIE, Fig 9: energy by the width of the sparse-matrix SRAM

# %%
plots.show(plots.published(rows[rows["table"] == "Fig 9"], "EIE, Fig 9"))

# %% [markdown]
# ## ESE, Table 8: the time of each matrix
#
# Microseconds. Rows marked `fitted` agree because a number of the model was taken from them.

# %%
table = pd.DataFrame(ese.rows(seed=0, draws=1))
table[table["quantity"] == "real_us"][["row", "published", "simulated", "error_percent", "mark"]].round(2)

# %% [markdown]
# ## How far off
#
# Mean absolute error, and the geometric mean that is left when errors cancel.

# %%
everything = [*eie.rows(0, 1, ["alexnet-fc8"]), *ese.rows(0, 1)]
pd.DataFrame(summarise(everything)).round(2)

# %%
known = pd.DataFrame(everything).dropna(subset=["error_percent"])
plots.show(plots.errors(known, "EIE on AlexNet's FC8, and ESE"))
