"""The HTML form of a mail, made from its text: it adds no thought, it only turns each answer into a button."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

ANSWER_INDENT = "    "
# What stands behind so many blanks explains an answer and is not to be typed.
EXPLAINS = "   "
# A line of its own right above a list is its heading, unless it is a sentence.
MOST_OF_A_HEADING = 60
# What a person reads as one word and a browser would break: a document's number, a telephone number, a day.
ONE_WORD = re.compile(
    r"\b\d{1,5}-[A-ZĐ]{1,6}(?:/[A-ZĐ]{1,10}(?:-[A-ZĐ]{1,6})?)?(?![\w/-])"
    r"|\bĐT \d[\d.]{6,14}|\bngày \d{1,2}/\d{1,2}/\d{4}\b"
)
FIGURE = re.compile(r"\d[\d./,]*(?: [^\W\d]{1,6}){0,2}")


@lru_cache(maxsize=512)  # hundreds of copies of one document say the same in most of their lines
def together(text: str) -> Markup:
    """Return a text escaped for a page, with what must not be broken at a line's end held together."""
    return Markup(ONE_WORD.sub(r'<span class="together">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped


class BlockKind(StrEnum):
    """What a piece of a mail is on the page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    FIGURES = "figures"
    ANSWERS = "answers"
    SIGNATURE = "signature"


# Tuples, because a sandbox asks twice before it gives an attribute and not at all before it takes a tuple apart.
class Item(NamedTuple):
    """One line of a list or one answer with its mailto link and the `hint` behind it.

    In a list `label` stands before `text`; an `inner` line belongs to the line above, which is `over` it.
    """

    text: str
    label: str = ""
    link: str = ""
    hint: str = ""
    inner: bool = False
    over: bool = False


class Block(NamedTuple):
    """A paragraph, a heading, a list of labelled lines, a table of figures, the answers, or the signature."""

    kind: BlockKind
    items: list[Item]


def blocks(text: str, *, reply_to: str, subject: str, signature: str = "") -> list[Block]:
    """Return the blocks of a mail's text.

    Lines indented by four blanks are the answers that a person may type; `- label: value` lines are a list; what
    follows `signature` is the signature. Links carry the subject (with its token) and the answer as body (RFC 6068).
    """
    body, mark, tail = text.partition(signature) if signature else (text, "", "")
    found: list[Block] = []
    for line in body.splitlines():
        if not line.strip():
            found.append(Block(BlockKind.PARAGRAPH, []))
        elif line.startswith(ANSWER_INDENT):
            _add(found, BlockKind.ANSWERS, _answer(line.strip(), reply_to, subject))
        elif line.startswith("- ") or (line[:1].isdigit() and ". " in line[:5]):
            _add(found, BlockKind.LIST, _labelled(line))
        elif line.startswith("  "):
            _add_inner(found, line.strip())
        else:
            _add(found, BlockKind.PARAGRAPH, Item(line))
    shaped = [_shaped(block, after) for block, after in zip(found, [*found[1:], None], strict=True)]
    if mark:
        lines = (mark + tail).splitlines()
        shaped.append(Block(BlockKind.SIGNATURE, [Item(line) for line in lines if line.strip()]))
    return [block for block in shaped if block.items]


def _shaped(block: Block, after: Block | None) -> Block:
    """Tell a heading from a paragraph by what follows, and a table of figures from a list by what it holds."""
    if block.kind is BlockKind.PARAGRAPH and len(block.items) == 1 and after and after.kind is BlockKind.LIST:
        line = block.items[0].text
        if len(line) <= MOST_OF_A_HEADING and line[-1] not in ".,:;":
            return Block(BlockKind.HEADING, block.items)
    if block.kind is BlockKind.LIST and len(block.items) > 1 and all(map(_is_figure, block.items)):
        return Block(BlockKind.FIGURES, block.items)
    return block


def _is_figure(item: Item) -> bool:
    return bool(item.label and FIGURE.fullmatch(item.text))


def _add(found: list[Block], kind: BlockKind, item: Item) -> None:
    if not found or found[-1].kind is not kind:
        found.append(Block(kind, []))
    found[-1].items.append(item)


def _add_inner(found: list[Block], line: str) -> None:
    if found and found[-1].kind is BlockKind.LIST and not found[-1].items[-1].inner:
        found[-1].items[-1] = found[-1].items[-1]._replace(over=True)
    _add(found, BlockKind.LIST, _labelled(line)._replace(inner=True))


def _labelled(line: str) -> Item:
    text = line.removeprefix("- ")
    label, colon, value = text.partition(": ")
    return Item(value, label) if colon and len(label) < 40 else Item(text)


def _answer(text: str, reply_to: str, subject: str) -> Item:
    words, _, hint = text.partition(EXPLAINS)
    answer = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    # RFC 6068 section 2: everything but the @ of the address is percent-encoded as UTF-8; a `+` would become a blank.
    fields = f"subject={quote(answer, safe='')}&body={quote(words.strip(), safe='')}"
    return Item(words.strip(), link=f"mailto:{quote(reply_to, safe='@')}?{fields}", hint=hint.strip())
