"""Studies of detectors that see a camera's frames: CaTDet, PatchNet, delays, differences of frames."""
