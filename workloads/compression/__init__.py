"""Pruning, indices, Huffman codes, and the bits that they take."""
