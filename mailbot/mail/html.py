"""Turns the HTML of a mail into lines of text, as a person sees them: hidden text dropped, quotes marked with `>`."""

from __future__ import annotations

import html
import re
from functools import lru_cache

# What no person sees. Up to its end tag, or to the end of the page where that is missing; nothing is given back.
_DROPPED = re.compile(
    r"<(?=[hstx])(head|style|script|title|xml|template)\b[^<>]*+>[^<]*+(?:<(?!/\1\s*>)[^<]*+)*+(?:</\1\s*+>)?+",
    re.IGNORECASE,
)
# The head stands first, with tags alone before it, and most pages have nothing else that is dropped.
_HEAD = re.compile(r"\s*(?:<(?:!doctype|html)\b[^<>]*>\s*){0,2}<head\b[^<>]*>", re.IGNORECASE)
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)
_UNSEEN = frozenset({"head", "style", "script", "title", "xml", "template"})
# A tag is matched linearly; an attribute value with a raw `>` leaks a few characters, which harms nobody.
_TAG = re.compile(r"(<(?:/?[a-zA-Z][^<>]*+>|!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->)?+|[!?][^<>]*+>))")
# How each tag but a comment begins; the sign of a comment, or of what is no tag.
_TAG_START = re.compile(r"<(?:/?[a-zA-Z]|[!?](?!--))")
_NO_TAG, _DROP = "", "drop"
_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|;|$)", re.IGNORECASE
)
# A body without a closing tag for each of its elements is common, so nothing but the hidden ones is counted.
# The box into which a mail program puts the signature; below its mark begins what `replies` cuts off.
_SIGNATURE = re.compile(
    r"=\s*[\"']?[^\"'>]*?\b(?:gmail_signature(?!_)|__SIG_(?:PRE|POST)__|(?:x_)*Signature\b|composer_signature)"
)
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"})
_LONGEST_KEPT, _LONGEST_NAME = 200, 32
_MOST_NESTED, _MOST_QUOTED = 100, 20

# Each tag becomes one sign that says what it does to the lines: lone surrogates, which stand in no decoded text and
# which no entity can spell. Those that end a line have one more behind them, at which the lines come apart.
_SIGNS = tuple(map(chr, range(0xDC00, 0xDC10)))
_NOTHING, _CELL, _HIDE, _END = _SIGNS[:4]
_BREAK, _PARAGRAPH, _LINE, _QUOTE, _UNQUOTE, _PRE, _END_PRE = (sign + _END for sign in _SIGNS[4:11])
_ITEM = _LINE + "- "
_SIGNED = f"{_LINE}--{_LINE}"
_TWO_PARAGRAPHS = f"{_PARAGRAPH} {_PARAGRAPH}"
_KEPT = str.maketrans(dict(zip(" \t\r\f&\n", (*_SIGNS[11:], _BREAK), strict=True)))
_GIVEN_BACK = str.maketrans("".join(_SIGNS[11:]), " \t\r\f&")
_BLANKS = "\t\r\n\f"
_ENDS_ALONE, _QUOTES = frozenset((_BREAK[0], _LINE[0])), frozenset((_QUOTE[0], _UNQUOTE[0]))
_OPENING = {
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"), _PARAGRAPH),
    **dict.fromkeys(("div", "tr", "center", "section", "article", "header", "footer", "dd", "dt", "address"), _LINE),
    "br": _BREAK,
    "hr": _LINE,
    "li": _ITEM,
    "blockquote": _QUOTE,
    "pre": _PRE,
}
_CLOSING = {**_OPENING, "li": _LINE, "td": _CELL, "th": _CELL, "blockquote": _UNQUOTE, "pre": _END_PRE}


def html_to_text(source: str) -> str:
    """Return the visible text of an HTML body, block elements as lines, blockquotes with `> ` before each line.

    The source is as `charsets.decode` gives it: without surrogates.
    """
    pieces, signs = _texts_and_signs(source)
    if not {_HIDE, _PRE}.isdisjoint(signs.values()):
        _hide_and_keep(pieces, signs)
    pieces[1::2] = map(signs.__getitem__, pieces[1::2])
    text = "".join(pieces)
    # Only then do tags without a sign of their own go: no reference stands on both sides of one.
    text = (_unescaped(text) if "&" in text else text).replace(_NOTHING, "")
    text = _with_single_blanks(text)
    # Wide enough to be told from a blank between words: the columns of a printed header.
    lines = "\n".join(_lines(text.replace(_CELL, "    ")))
    while _BREAK[0] in text and "\n\n\n" in lines:  # nothing else leaves a line empty of itself
        lines = lines.replace("\n\n\n", "\n\n")
    return lines.strip()


def _texts_and_signs(source: str) -> tuple[list[str], dict[str, str]]:
    """The page as text, tag, text, …, text, and the sign of each different tag; a tag may lack its closing `>`.

    Most pages have no `<` or `>` behind their head but those of tags, and come apart thrice as fast without a pattern:
    there are as many of one as of the other, at each place for a tag one begins, and none is of what is dropped.
    """
    head = _HEAD.match(source)
    end = _HEAD_END.search(source, head.end()) if head is not None else None
    shown = source[end.end() :] if end is not None else source
    marked = shown.replace("<", "><")
    pieces = marked.split(">")
    if len(pieces) == 2 * (len(marked) - len(shown)) + 1:
        signs = _signs(pieces)
        if {_NO_TAG, _DROP}.isdisjoint(signs.values()):
            return pieces, signs
    pieces = _TAG.split(_DROPPED.sub(" ", source))
    return pieces, {tag: sign if sign not in {_NO_TAG, _DROP} else _NOTHING for tag, sign in _signs(pieces).items()}


def _signs(pieces: list[str]) -> dict[str, str]:
    """The sign of each tag: a page has thousands, but few different ones."""
    tags = set(pieces[1::2])
    return {tag: _known_sign(tag) if len(tag) <= _LONGEST_KEPT else _sign(tag) for tag in tags}


def _sign(tag: str) -> str:
    """What a tag does to the lines."""
    named = _NAME.match(tag)
    if named is None:
        return _NOTHING if _TAG_START.match(tag) else _NO_TAG
    name = named[2].lower()
    if name in _UNSEEN:
        return _DROP
    if named[1]:
        return _CLOSING.get(name, _NOTHING)
    inside = tag.removesuffix(">")
    if "style" in tag and name not in _VOID and _HIDDEN.search(inside):
        return _NOTHING if inside.rstrip().endswith("/") else _HIDE
    if name == "div" and ("ignature" in tag or "__SIG_" in tag) and _SIGNATURE.search(inside):
        return _SIGNED
    return _OPENING.get(name, _NOTHING)


# Word writes the same tags into every letter. What is kept of one mail for the next ones must be short.
_known_sign = lru_cache(maxsize=512)(_sign)


def _hide_and_keep(pieces: list[str], signs: dict[str, str]) -> None:
    """Empty what is hidden, counting the elements of its name inside it, and mark each blank of preformatted text."""
    nothing = "<!>"
    signs[nothing] = _NOTHING
    hidden, depth, preformatted = "", 0, False
    for at in range(0, len(pieces) - 1, 2):
        text, tag = pieces[at], pieces[at + 1]
        if depth:
            pieces[at], pieces[at + 1] = "", nothing
            named = _NAME.match(tag)
            if named is not None and named[2].lower() == hidden:
                depth += -1 if named[1] else depth < _MOST_NESTED
            continue
        if preformatted:
            pieces[at] = html.unescape(text).replace("\r\n", "\n").translate(_KEPT)
        sign = signs[tag]
        if sign == _HIDE:
            named = _NAME.match(tag)
            hidden, depth = named[2].lower() if named is not None else "", 1
            pieces[at + 1] = nothing
        elif sign in {_PRE, _END_PRE}:
            preformatted = sign == _PRE
    if depth:
        pieces[-1] = ""
    elif preformatted:
        pieces[-1] = html.unescape(pieces[-1]).replace("\r\n", "\n").translate(_KEPT)


def _unescaped(text: str) -> str:
    """`html.unescape`, to which the few references that a page repeats go once."""
    start, *pieces = text.split("&")
    return start + "".join(
        [
            _referred(name) + rest if end and len(name) <= _LONGEST_NAME else html.unescape(f"&{name}{end}{rest}")
            for name, end, rest in [piece.partition(";") for piece in pieces]
        ]
    )


@lru_cache(maxsize=512)
def _referred(name: str) -> str:
    return html.unescape(f"&{name};")


def _with_single_blanks(text: str) -> str:
    """Make every run of blanks one; a no-break space is none of them."""
    text = text.strip(" " + _BLANKS)  # between the tags with which a page begins and ends
    if text.count("\r") == text.count("\n"):  # which makes them pairs
        text = text.replace("\r", "")
    for blank in _BLANKS:
        if blank in text:
            text = text.replace(blank, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _lines(text: str) -> list[str]:
    """The lines between the signs, paragraphs apart, quoted ones marked."""
    # Nearly every paragraph ends where the next begins.
    text = text.replace(_TWO_PARAGRAPHS, _PARAGRAPH)
    lines: list[str] = []
    quote, mark, preformatted, apart = 0, "", False, True
    for piece in (text + _LINE).removesuffix(_END).split(_END):
        sign = piece[-1]
        line = piece[:-1].translate(_GIVEN_BACK).rstrip() if preformatted else piece[:-1].strip()
        if line or sign == _BREAK[0]:
            lines.append(mark + line)
            apart = not line
        if sign in _ENDS_ALONE:
            continue
        if not apart:
            lines.append(mark)
            apart = True
        if sign == _PARAGRAPH[0]:
            continue
        if sign in _QUOTES:
            quote = max(0, min(quote + (1 if sign == _QUOTE[0] else -1), _MOST_QUOTED))
            mark = "> " * quote
        else:
            preformatted = sign == _PRE[0]
    return lines
