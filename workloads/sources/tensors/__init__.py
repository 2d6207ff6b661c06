"""Layers among tensors by name, as PyTorch and its libraries name them."""
