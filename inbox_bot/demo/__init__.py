"""A whole working installation in one process: mailbox, outgoing server, worker and pages, with twenty mails in it."""
