"""Stamps of secrecy and urgency are told from innocent words, in papers, subjects and file names."""

import pytest

from mailbot.office.documents import read_document
from mailbot.office.secrecy import find_mark
from mailbot.office.text import normalize, normalize_and_fold
from mailbot.office.urgency import subject_urgency
from tests.tables import marks

PAPER = "QUẬN ỦY AN HÒA\nĐẢNG CỘNG SẢN VIỆT NAM\nSố 12-CV/QU\n{}\nKính gửi: Các chi bộ\n"


@pytest.mark.parametrize(("line", "level", "definite"), marks.STAMPS)
def test_a_stamp_is_a_line_of_its_own(line: str, level: str, definite: bool) -> None:
    mark = find_mark("", (normalize_and_fold(PAPER.format(line)),), ())
    assert (mark.level, mark.definite) == (level, definite)


@pytest.mark.parametrize(("words", "level", "definite"), marks.TAGS)
def test_a_tag_counts_in_subject_and_file_name(words: str, level: str, definite: bool) -> None:
    for mark in (find_mark(normalize(words), (), ()), find_mark("", (), (normalize(words) + ".pdf",))):
        assert (mark.level, mark.definite) == (level, definite)


@pytest.mark.parametrize("words", marks.NOT_SECRET)
def test_innocent_words_are_no_mark(words: str) -> None:
    plain = normalize(words)
    assert find_mark(plain, (normalize_and_fold(PAPER.format(plain)),), (plain + ".pdf",)).level == "none"


@pytest.mark.parametrize(("line", "urgency"), marks.URGENT_STAMPS)
def test_a_stamp_of_urgency_is_a_line_of_its_own(line: str, urgency: str) -> None:
    assert read_document(normalize(PAPER.format(line))).urgency == urgency


@pytest.mark.parametrize(("subject", "urgency"), marks.URGENT_SUBJECTS)
def test_urgency_in_a_subject_is_a_tag(subject: str, urgency: str) -> None:
    assert subject_urgency(normalize(subject)) == urgency
