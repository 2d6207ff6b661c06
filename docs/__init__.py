"""The documentation's pages; `docs.generate` writes those that are made from the code."""
