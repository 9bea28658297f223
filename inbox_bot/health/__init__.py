"""The clock and what the other rooms have noted come in; the daily mail to ourselves and letters to the watchers leave."""
