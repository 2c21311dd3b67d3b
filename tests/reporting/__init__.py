"""Tests of mailbot/reporting."""
