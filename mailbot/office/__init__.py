"""What Vietnamese official paper means; this room knows nothing of IMAP or SQL."""
