"""A search: which values of a configuration's keys are best in several figures, found with few simulations."""
