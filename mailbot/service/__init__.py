"""The only room where things run in time."""
