"""Requests come in and leave as claims in a new case or a known one, each with its clock, for verification."""
