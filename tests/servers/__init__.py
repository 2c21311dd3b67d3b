"""Real mail servers and databases for tests: each instance on loopback ports of its own, under a temporary folder."""
