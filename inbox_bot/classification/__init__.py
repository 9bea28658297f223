"""*Read* mails come in and leave as request, to sort or not a request, with the words that decided, for the room case."""
