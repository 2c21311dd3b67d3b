"""An office in one process: embedded mail servers and the people who write mail."""
