"""Mails above the watermark come in from the IMAP servers and are left *received*, once each, for the room message."""
