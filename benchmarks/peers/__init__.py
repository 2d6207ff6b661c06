"""The same layer on other simulators, where they are installed."""
