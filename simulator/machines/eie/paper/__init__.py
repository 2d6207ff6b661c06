"""The published figures of EIE, and the studies that reproduce them."""
