"""The tensor engine by a recurrence over its steps: equal to the model."""
