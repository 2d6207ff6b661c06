"""Pruning, relative indices, Huffman codes, and how many bits the results take."""
