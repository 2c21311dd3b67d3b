"""Every shipped mail in a real browser: readable on a phone, in the dark, without images and without the network."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.rendering.letters import Letters
from mailbot.rendering.samples import SAMPLES, cases
from tests.example_office import example
from tests.ui.conftest import SHOTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailbot.rendering.letters import Letter

pytestmark = pytest.mark.ui

TOKEN = "abcdefgh23456"
REPLY_TO = f"vanphong+{TOKEN}@anhoa.example.vn"
# Width, height, colours: the smallest phone in use, the same at night, a clerk's screen.
SCREENS = {"phone": (360, 740, "light"), "phone-dark": (360, 740, "dark"), "desk": (800, 900, "light")}
# WCAG 2.2: 1.4.3 contrast (AA), 2.5.5 target size; 16 px is what no phone zooms in on.
LEAST_CONTRAST, LEAST_BUTTON, LEAST_LETTERS = 4.5, 44, 16

# Every text of the page with its colour, the colour behind it, its size and the right edge of its box.
TEXTS = """() => {
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'none';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (!text) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const style = getComputedStyle(walker.currentNode.parentElement);
    found.push({text, colour: style.color, behind: behind(walker.currentNode.parentElement),
                size: parseFloat(style.fontSize), right: range.getBoundingClientRect().right});
  }
  return found;
}"""
BUTTONS = """() => [...document.querySelectorAll('a')].map((link) => {
  const box = link.getBoundingClientRect();
  return {href: link.getAttribute('href'), text: link.textContent, width: box.width, height: box.height};
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="make test-ui installs it")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        # Root inside a container has no name space of its own for the sandbox; the pages are ours.
        made = started.chromium.launch(executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield made
        made.close()


@pytest.fixture(scope="module")
def shots() -> Path:
    """The folder of the pictures."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS


def letter_of(name: str, case: str) -> Letter:
    values = dict(cases(name))[case]
    return Letters(example().templates).render(name, values, token=TOKEN, reply_to=REPLY_TO)


def channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)` (WCAG 2.2)."""
    red, green, blue = (channel(int(part)) for part in colour.partition("(")[2].rstrip(")").split(",")[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("case", ["full", "many", "long"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_is_readable_and_answered_with_a_thumb(
    browser: Any, shots: Path, name: str, case: str, screen: str
) -> None:
    width, height, colours = SCREENS[screen]
    letter = letter_of(name, case)
    asked: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=colours, offline=True, device_scale_factor=1
    )
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(letter.html)
        if case == "full" or screen == "phone":
            page.screenshot(path=shots / f"{name}-{case}-{screen}.png", full_page=True)
        texts, buttons = page.evaluate(TEXTS), page.evaluate(BUTTONS)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        pictures = page.evaluate(
            "() => [...document.querySelectorAll('*')].filter((one) => one.matches('img, svg, video, iframe')"
            " || getComputedStyle(one).backgroundImage !== 'none').length"
        )
    finally:
        context.close()

    assert asked == []
    assert pictures == 0
    assert wide <= width, f"scrolls sideways: {wide} px"
    assert [one["text"] for one in texts if one["right"] > width] == []
    assert [one for one in texts if contrast(one["colour"], one["behind"]) < LEAST_CONTRAST] == []
    assert [one for one in texts if one["size"] < LEAST_LETTERS] == []
    assert [one for one in buttons if one["height"] < LEAST_BUTTON or one["width"] < LEAST_BUTTON] == []
    if colours == "dark":
        assert all(luminance(one["behind"]) < 0.1 for one in texts)
    for button in buttons:
        link = urlsplit(button["href"])
        assert (link.scheme, unquote(link.path)) == ("mailto", REPLY_TO)
        fields = parse_qs(link.query, strict_parsing=True)
        assert TOKEN in fields["subject"][0]
        assert fields["body"] == [button["text"]]
