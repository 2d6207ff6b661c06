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
# Published points and simulated ones. Layers are drawn with the papers' shapes and densities, here once each; the
# tables of the documentation are means over ten draws. `zeroskip validate eie` prints all of them.

# %%
import pandas as pd

from simulator import plots
from simulator.core.published import summarise
from simulator.core.registry import find_paper

# %%
eie, ese = find_paper("eie"), find_paper("ese")
rows = pd.DataFrame(eie.figures(seed=0, draws=1, layers=["alexnet-fc8", "nt-lstm"]))
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
# With more PEs there is less padding, because each bank has fewer rows between two entries. But the load is harder to
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
# Microseconds. Rows marked `fitted` agree because the model was fitted to them.

# %%
table = pd.DataFrame(ese.figures(seed=0, draws=1))
table[table["quantity"] == "real_us"][["row", "published", "simulated", "error_percent", "mark"]].round(2)

# %% [markdown]
# ## Errors
#
# The mean absolute error, and the geometric mean: the bias that is left when errors cancel. What is given or calibrated
# agrees because it was put in; only what is predicted tests the model. `lost_percent` is the error relative to what is
# missing to 100 %, for figures that are all close to it.

# %%
everything = [*eie.figures(0, 1, layers=["alexnet-fc8"]), *ese.figures(0, 1)]
pd.DataFrame(summarise(everything)).round(2)

# %%
known = pd.DataFrame(everything).dropna(subset=["error_percent"])
plots.show(plots.errors(known, "EIE on AlexNet's FC8, and ESE"))
