"""The published figures of ESE, and the studies that reproduce them."""
