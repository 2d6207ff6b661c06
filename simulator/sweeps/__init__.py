"""Many points at once: a machine, a workload and what varies, run in parallel and kept in a store."""
