"""Configurations: YAML files that are checked and become a machine's architecture and prices."""
