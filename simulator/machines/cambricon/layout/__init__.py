"""From a compressed convolution to the jobs of each selector."""
