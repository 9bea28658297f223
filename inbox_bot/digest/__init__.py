"""The clock comes in; the weekly and the daily letter to staff leave through the outbox."""
