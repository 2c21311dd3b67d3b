"""Texts of the site become values."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from mailbot.yaml_values import PLAIN_ADDRESS, address

NEARLY_PLAIN = st.builds(
    "{}@{}.{}".format, st.text("ab0.-_", max_size=24), st.text("ab0.-x", max_size=34), st.sampled_from(["vn", "test"])
)


@given(st.from_regex(PLAIN_ADDRESS, fullmatch=True) | NEARLY_PLAIN)
def test_plain_addresses_are_what_the_library_says_of_them(written: str) -> None:
    try:
        expected = validate_email(written, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        assert PLAIN_ADDRESS.fullmatch(written) is None
    else:
        assert address(written) == expected
