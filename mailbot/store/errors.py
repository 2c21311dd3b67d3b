"""What can be wrong with the store; apart from the database's room, so that the archive is light to import."""

from __future__ import annotations

from mailbot.problems import MailbotError


class StoreError(MailbotError):
    """Database or archive cannot be used; the text says what to do."""

    exit_code = 74  # EX_IOERR
    temporary = False  # whether it may mend itself soon, so that a daemon that starts waits for it


class AlreadyDecidedError(Exception):
    """Somebody else gave this journal row its outcome; the caller's transaction must be rolled back."""
