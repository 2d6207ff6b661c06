"""The numpy frontend: from a published shape or a file to a compressed layer."""
