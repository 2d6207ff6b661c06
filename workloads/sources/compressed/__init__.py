"""Compressed networks that `zeroskip compress` wrote."""
