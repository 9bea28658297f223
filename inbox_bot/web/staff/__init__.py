"""The pages of the staff: what waits for a person, and each decision that a person takes."""
