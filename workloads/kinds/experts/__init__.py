"""Mixtures of experts: each token goes through a few of many small networks."""
