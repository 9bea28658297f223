"""inbox_bot reads an ordinary mailbox and sees requests about personal data through to an approved answer in time.

One mail walks down one corridor; each room picks up what lies in one state and puts it down in the next:

    mailbox → message → classification → case → verification → fulfilment → approval → outbox → (person)
                                                                                      digest ↗

Rooms never import each other: the database is the desk between them. ``flow.py`` says the order.
"""

__version__ = "0.1.0"
