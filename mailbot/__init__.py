"""mailbot: the daemon that does the mail work of a Vietnamese committee office."""

__version__ = "0.1.0"
