"""Readers of the kinds of ONNX nodes that have weights."""
