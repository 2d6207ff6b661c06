"""SRAM arrays: energy, leakage, area and time by node, cell, capacity and width."""
