"""A login at Microsoft or Google comes in, an access token for IMAP and SMTP goes out, renewed before it ends; what renews it is kept locked."""
