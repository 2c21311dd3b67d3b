"""Whole lives of papers and meetings, told from the first mail to the last."""
