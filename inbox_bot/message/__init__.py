"""*Received* mails come in; what a person newly wrote leaves as *read* for classification, automatic mail is set aside."""
