"""The only room that talks to mail servers."""
