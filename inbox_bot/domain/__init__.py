"""The words every room shares: rights, mails, verdicts, cases, letters. Frozen values; standard library only."""
