"""Networks over the voxels of a scan."""
