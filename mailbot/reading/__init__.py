"""One mail in, one Reading out: its kind and all that was understood of it (composes mail/ and office/)."""

from mailbot.reading.header import content_key, read_header
from mailbot.reading.model import CONTRACT_KEYS, Attachment, Kind, Reading, ReadingContext, Sender
from mailbot.reading.reader import read, read_message

__all__ = [
    "CONTRACT_KEYS",
    "Attachment",
    "Kind",
    "Reading",
    "ReadingContext",
    "Sender",
    "content_key",
    "read",
    "read_header",
    "read_message",
]
