"""The machine for BEV pooling by formulas for each step: the fast twin of the model."""
