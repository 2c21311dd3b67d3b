"""The HTML form of a mail, made from its text: it adds no thought, it only turns each answer into a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

ANSWER_INDENT = "    "


class BlockKind(StrEnum):
    """What a piece of a mail is on the page."""

    PARAGRAPH = "paragraph"
    LIST = "list"
    ANSWERS = "answers"
    SIGNATURE = "signature"


@dataclass(frozen=True)
class Item:
    """One line of a list (`label` and `text`) or one answer with its mailto link."""

    text: str
    label: str = ""
    link: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph, a list of labelled lines, the answers, or the signature."""

    kind: BlockKind
    items: list[Item] = field(default_factory=list)


def blocks(text: str, *, reply_to: str, subject: str, signature: str = "") -> list[Block]:
    """Return the blocks of a mail's text.

    Lines indented by four blanks are the answers that a person may type; `- label: value` lines are a list; what
    follows `signature` is the signature. Links carry the subject (with its token) and the answer as body (RFC 6068).
    """
    body, mark, tail = text.partition(signature) if signature else (text, "", "")
    found: list[Block] = []
    for line in body.splitlines():
        if not line.strip():
            found.append(Block(BlockKind.PARAGRAPH))
        elif line.startswith(ANSWER_INDENT):
            _add(found, BlockKind.ANSWERS, _answer(line.strip(), reply_to, subject))
        elif line.startswith("- ") or (line[:1].isdigit() and ". " in line[:5]):
            _add(found, BlockKind.LIST, _labelled(line))
        elif line.startswith(("   ", "  ")):
            _add(found, BlockKind.LIST, Item(line.strip()))
        else:
            _add(found, BlockKind.PARAGRAPH, Item(line))
    if mark:
        found.append(Block(BlockKind.SIGNATURE, [Item(line) for line in (mark + tail).splitlines() if line.strip()]))
    return [block for block in found if block.items]


def _add(found: list[Block], kind: BlockKind, item: Item) -> None:
    if not found or found[-1].kind is not kind:
        found.append(Block(kind))
    found[-1].items.append(item)


def _labelled(line: str) -> Item:
    text = line.removeprefix("- ")
    label, colon, value = text.partition(": ")
    return Item(value, label) if colon and len(label) < 40 else Item(text)


def _answer(text: str, reply_to: str, subject: str) -> Item:
    # What stands in round brackets behind wide blanks explains the line and is not to be typed.
    words = text.split("   ")[0].strip()
    answer = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    return Item(text, link=f"mailto:{quote(reply_to)}?subject={quote(answer)}&body={quote(words)}")
