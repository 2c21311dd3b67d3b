"""What RE2 looks for first never hides a match: for patterns of each kind, and for ours over all texts of the tests."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import re2

import mailbot.mail
import mailbot.office
from mailbot.office.text import fold, normalize
from mailbot.prefilter import Prefiltered, widened

FOLDER = Path(__file__).parent
TEXTS = [
    fold(normalize(line))
    for file in sorted((*FOLDER.glob("mails/*.mail"), *FOLDER.glob("tables/*.py"), *FOLDER.glob("samples/*.eml")))
    for line in file.read_text("utf-8", "replace").split("\n")
    if line.strip()
]
TEXTS += [f"{first}\n{second}" for first, second in zip(TEXTS[::2], TEXTS[1::2], strict=False)]


def ours() -> Iterator[tuple[str, Prefiltered]]:
    """Every prefiltered pattern of the rooms that read, by its name; those in tables by their place."""
    for room in (mailbot.mail, mailbot.office):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            for name, value in vars(importlib.import_module(found.name)).items():
                for place, item in enumerate(value if isinstance(value, tuple) else (value,)):
                    pattern = next(
                        (one for one in (item if isinstance(item, tuple) else (item,)) if _is_one(one)), None
                    )
                    if pattern is not None:
                        yield f"{found.name}.{name}.{place}", pattern


def _is_one(value: object) -> bool:
    return isinstance(value, Prefiltered)


OURS = dict(ours())


def test_many_patterns_are_looked_for_this_way() -> None:
    assert len(OURS) > 40


@pytest.mark.parametrize("name", OURS)
def test_a_pattern_of_ours_finds_what_it_finds_alone(name: str) -> None:
    prefiltered, alone = OURS[name], re.compile(OURS[name].pattern, OURS[name].flags)
    for text in TEXTS:
        found, wanted = prefiltered.search(text), alone.search(text)
        assert (found and found.span()) == (wanted and wanted.span())
        assert [match.span() for match in prefiltered.finditer(text)] == [
            match.span() for match in alone.finditer(text)
        ]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?<!phat )\bhuy\b(?! dong)", "huy hop"),
        (r"(?<=a[)])b(?=(?:c|[)])d)", "a)bcd"),
        (r"(?P<who>\w+) hop$", "ông hop\n"),
        (r"[^\s;]{2} ½", "ăô ½"),
        (r"[à-ỹ½]x", "ộx"),
        (r"[^?;à-ỹ]x", "中x"),
        (r"a\s+b", "a\x1cb"),
        (r"[\s,]b", "a\u2003b"),
        (r"(?:ab)*+c[^x]++d?+", "ababcyyd"),
        (r"\++a", "++a"),
        (r"[]x]y[^]z]", "]yx"),
        (r"(?i)giấy mời", "GIẤY MỜI"),
        (r"\(\?=[(]", "(?=("),
    ],
)
def test_widened_the_pattern_finds_all_that_it_found(pattern: str, text: str) -> None:
    wanted = re.search(pattern, text)
    found = Prefiltered(pattern).search(text)
    assert wanted is not None
    assert found is not None
    assert found.span() == wanted.span()
    assert re2.search(widened(pattern), text.encode("ascii", "replace")) is not None


@pytest.mark.parametrize(("pattern", "text"), [(r"\bhuy\b(?! dong)", "huy dong"), (r"\bhop\b", "chop"), ("a$", "ab")])
def test_a_match_is_the_patterns_own(pattern: str, text: str) -> None:
    assert Prefiltered(pattern).search(text) is None
    assert list(Prefiltered(pattern).finditer(text)) == []
    assert Prefiltered(pattern).sub("-", text) == text


def test_flags_and_replacements_are_those_of_re() -> None:
    assert Prefiltered("^a.b", re.MULTILINE | re.DOTALL | re.IGNORECASE).sub("-", "x\nA\nb\n") == "x\n-\n"


def test_a_search_begins_where_it_is_told() -> None:
    found = Prefiltered(r"\bhop\b").search("hop, hop", 1)
    assert found is not None
    assert found.start() == 5
