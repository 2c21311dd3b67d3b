"""Templates and frozen values in, subject, text, HTML and head bytes out."""
