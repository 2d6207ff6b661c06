"""Memories: energy by size and width."""
