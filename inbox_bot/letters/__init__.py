"""A letter's name and values come in; the exact bytes to send leave, for whichever room asked."""
