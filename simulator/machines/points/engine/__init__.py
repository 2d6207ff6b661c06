"""The machine for pairs by formulas for each block: the fast twin of the model."""
