"""Recipes of published layers, and networks made of them."""
