"""The demo's own copy of the shipped example office: live, on the embedded servers, with passwords of this one run."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from mailbot.demo.papers import CLERK, OFFICE, SUPERIOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mailbot.routing.model import Site

# Values of a file by their paths, as `mailbot init` replaces them.
Changes = dict[tuple[str | int, ...], str]

MAIN = "mailbot.yaml"
MAILBOX = "van-phong"
PASSWORD_FILE = f"secrets/{MAILBOX}"
PASSWORD_BYTES = 9


def passwords_for(addresses: Iterable[str]) -> dict[str, str]:
    """Return a new password for every account."""
    return {address: secrets.token_urlsafe(PASSWORD_BYTES) for address in sorted(set(addresses))}


def addresses_of(site: Site) -> set[str]:
    """Return every address that the example office knows, each of which gets a mailbox."""
    directory = site.directory
    units = {address for unit in directory.units.values() for address in unit.mail}
    people = {person.mail for person in directory.people.values() if person.mail}
    roles = {holder.address for holders in directory.roles.values() for holder in holders}
    return {address.lower() for address in units | people | roles} | {OFFICE, CLERK, SUPERIOR}


def changes(imap_port: int, smtp_port: int) -> dict[str, Changes]:
    """Return what the demo changes in the example office, by file: it sends for real, to the embedded servers."""
    mailbox = ("mailboxes", MAILBOX)
    main: Changes = {
        ("mode",): "live",
        (*mailbox, "plus_addressing"): "yes",
        (*mailbox, "limits", "send_per_minute"): "6000",
    }
    for kind, port in (("imap", imap_port), ("smtp", smtp_port)):
        main |= {
            (*mailbox, kind, "host"): "127.0.0.1",
            (*mailbox, kind, "port"): str(port),
            (*mailbox, kind, "tls"): "none",
            (*mailbox, kind, "password"): f"file:{PASSWORD_FILE}",
        }
    return {MAIN: main}


def kept_mail(folder: Path, paper: str) -> Path:
    """Return where the mail that brought a paper is kept, for `mailbot explain`."""
    return (folder / "mails" / paper).with_suffix(".eml")


def keep_mail(folder: Path, paper: str, raw: bytes) -> None:
    """Keep the mail that brought a paper beside the office's site."""
    file = kept_mail(folder, paper)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(raw)


def write_password(folder: Path, passwords: Mapping[str, str]) -> None:
    """Write the office's password where its settings look for it, readable by the owner alone."""
    file = folder / PASSWORD_FILE
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(passwords[OFFICE] + "\n", encoding="utf-8")
