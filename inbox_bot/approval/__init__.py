"""Answers that are due come in as drafts; a person's decision leaves as frozen bytes for the outbox."""
