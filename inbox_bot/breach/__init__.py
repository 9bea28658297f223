"""A letter to the wrong person comes in; a breach with its clock, its steps and its documentation leaves (Art 33, 34)."""
