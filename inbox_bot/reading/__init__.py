"""Received bytes come in; message and verdict leave together, made in a process of its own beside the one that files."""
