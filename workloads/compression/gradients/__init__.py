"""What is sent of a gradient: which values, their message, and how many in the first epochs."""
