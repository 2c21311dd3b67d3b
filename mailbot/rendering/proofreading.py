"""Reads a rendered mail as an editor would: program words, empty brackets, doubled blanks, English, long lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.problems import Text
from mailbot.rendering.letters import MOST_OF_A_LINE, broken
from mailbot.rendering.page import ANSWER_INDENT, EXPLAINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailbot.rendering.letters import Letter

# Addresses, links, file names and what somebody else wrote (in quotation marks) are nobody's English.
FOREIGN = re.compile(r"\S+@\S+|https?://\S+|\S+\.\w{2,4}\b|\"[^\"]*\"|“[^”]*”")
# Words that formal Vietnamese mail has no use for; none of them is also a Vietnamese syllable.
ENGLISH = re.compile(
    r"\b(?:the|and|you|your|with|from|this|please|dear|regards|hello|thanks|sorry|report|deadline|meeting|attachments?"
    r"|reply|click|status|subject|document|message|error|failed|office|update|reminder|confirm|e-?mail|file|link|ok)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What reads badly: a code, the words for people, the piece found and the line that it stands in."""

    code: str
    text: Text
    found: str
    line: str


RULES: tuple[tuple[str, re.Pattern[str], Text], ...] = (
    (
        "leak",
        re.compile(r"\b(?:None|True|False|[Uu]ndefined)\b|\{\{|\}\}|\{%|%\}|<[\w.]+ object at "),
        Text("còn từ của chương trình", "a word of the program is left"),
    ),
    (
        "empty",
        re.compile(r"\(\s*[,;:]?\s*\)|\[\s*#?\s*\]|“\s*”|\"\s*\""),
        Text("ngoặc rỗng", "empty brackets or quotation marks"),
    ),
    (
        "missing",
        re.compile(r"^(?:- [^:]{1,40}|\d+\. [^:]{1,40}|Kính gửi):$|\s[,;.](?=\s|$)|[:;,]\s*[;,]|:\s*\.$"),
        Text("thiếu nội dung bên dấu câu", "nothing stands beside a punctuation mark"),
    ),
    ("blanks", re.compile(r"\S+ {2,}\S+"), Text("thừa dấu cách", "doubled blanks")),
)


def proofread(letter: Letter) -> Iterator[Finding]:
    """Yield what reads badly in a mail's subject and text; its page says the same words."""
    for line in (letter.subject, *letter.text.splitlines()):
        answer = line.startswith(ANSWER_INDENT)
        for code, pattern, text in RULES:
            if code == "blanks" and answer:
                continue  # wide blanks stand before what explains an answer
            yield from (Finding(code, text, found.group().strip(), line) for found in pattern.finditer(line))
        for found in ENGLISH.finditer(FOREIGN.sub("", line)):
            yield Finding("english", Text("từ tiếng Anh", "an English word"), found.group(), line)
    yield from _too_long(letter)


def _too_long(letter: Letter) -> Iterator[Finding]:
    for line in letter.text.splitlines():
        answer = line.startswith(ANSWER_INDENT)
        words = line.strip().partition(EXPLAINS)[0]
        # A single word that is longer than a line cannot be helped.
        if len(words) > MOST_OF_A_LINE if answer else broken(line) != (line,):
            text = Text("dòng dài quá 76 ký tự", "a line is longer than 76 characters")
            yield Finding("long", text, line[:40].strip(), line)
