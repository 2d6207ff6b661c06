"""The published figures of SCNN, and the studies that reproduce them."""
