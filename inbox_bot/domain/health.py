"""When the program counts as unwell: the same limits in the digest, on the pages and for whatever watches it."""

from datetime import timedelta

SILENT_HOURS = 2
"""A mailbox not read for this long is unwell."""

STUCK_AFTER = timedelta(minutes=30)
"""A mail that lies this long between two rooms is stuck: a step fails on it, or nothing works."""

VANISHED_DAYS = 7
"""Mails that went before they were read are told of for so many days."""
