"""Bit-accurate reference kernels: what a machine must compute, with no notion of cycles."""
