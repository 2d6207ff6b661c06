"""A DRAM for tests: specifications, streams of requests, what a flow does."""
