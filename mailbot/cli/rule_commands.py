"""`mailbot rules test|show|coverage|diff` and `mailbot simulate`: what rules do, before they do it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from mailbot.cli.listing import print_json, print_table, titles
from mailbot.cli.site_commands import JsonOption, SiteOption, say
from mailbot.problems import Text
from mailbot.reporting import status_table as words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mailbot.routing.coverage import Branch
    from mailbot.routing.model import Site, Unit
    from mailbot.routing.rules import Rule
    from mailbot.service.rehearsal import RehearsedMail
    from mailbot.service.rule_diff import Change
    from mailbot.service.rule_tests import Difference, Result

FAILED = 1
ON_PAPER = Text("bản giấy", "on paper")
ALL_REACHED = Text("Mọi quy tắc, nhánh và bước đều có kiểm thử.", "Every rule, branch and step is tested.")
MAILS_AHEAD = titles("Lúc | When", "Việc | Purpose", "Tới | To", "Về | About", "Vì sao | Because")


# --- test and coverage ----------------------------------------------------------------------------------------------


def run_tests(
    folder: SiteOption = Path(),
    with_coverage: Annotated[
        bool, typer.Option("--coverage", help="Also name what no test reaches / nêu cả phần chưa có kiểm thử.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run rules/tests: each mail is read, decided and followed up as if nobody answered. Nothing is sent or stored."""
    site, results = _results(folder)
    missing = _missing(site, results)
    failed = [result for result in results if not result.passed]
    if as_json:
        print_json({"tests": [_as_values(result) for result in results], "unreached": [one.key for one in missing]})
    else:
        console = Console(highlight=False, soft_wrap=True)
        for result in results:
            _show_result(result, console)
        count = Text(
            vi=f"{len(results)} kiểm thử, {len(failed)} không đạt.", en=f"{len(results)} tests, {len(failed)} failed."
        )
        console.print(say(count))
        if with_coverage:
            _show_missing(missing, console)
    if failed:
        raise typer.Exit(FAILED)


def coverage(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Name the rules, branches and ladder steps that no rule test reaches; status 1 when there are any."""
    site, results = _results(folder)
    missing = _missing(site, results)
    if as_json:
        print_json([{"key": one.key, "position": str(one.position), "text": say(one.text)} for one in missing])
    else:
        _show_missing(missing, Console(highlight=False, soft_wrap=True))
    if missing:
        raise typer.Exit(FAILED)


def _results(folder: Path) -> tuple[Site, list[Result]]:
    from mailbot.service import rule_tests
    from mailbot.site import load

    site = load(folder.absolute()).site
    return site, list(rule_tests.run_tests(rule_tests.load_tests(folder.absolute(), site), site))


def _missing(site: Site, results: Sequence[Result]) -> list[Branch]:
    from mailbot.routing.coverage import branches

    reached = frozenset[str]().union(*(result.seen.reached(site) for result in results))
    return [branch for branch in branches(site.rules, site.ladders) if branch.key not in reached]


def _show_result(result: Result, console: Console) -> None:
    sign = "[green]✓[/]" if result.passed else "[red]✗[/]"
    console.print(f"{sign} {escape(result.name)}  [dim]{escape(str(result.position))}[/]")
    for difference in result.differences:
        console.print(f"    {escape(difference.key)}")
        console.print(f"      [red]- {escape(_shown(difference.expected))}[/]")
        console.print(f"      [green]+ {escape(_shown(difference.seen))}[/]")
    if not result.passed:
        rule = escape(result.seen.decision.rule or say(Text("không quy tắc nào", "no rule")))
        reasons = escape("; ".join(str(reason) for reason in result.seen.decision.reasons))
        console.print(f"      [dim]{rule} · {reasons}[/]")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return "-" if value is None else str(value)


def _show_missing(missing: Sequence[Branch], console: Console) -> None:
    if not missing:
        console.print(
            say(Text("Mọi quy tắc, nhánh và bước đều có kiểm thử.", "Every rule, branch and step is tested."))
        )
        return
    console.print(say(Text("Chưa có kiểm thử nào chạm tới:", "Reached by no test:")))
    for branch in missing:
        console.print(f"  {escape(str(branch.position))}: {escape(say(branch.text))}")


def _as_values(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "position": str(result.position),
        "passed": result.passed,
        "rule": result.seen.decision.rule,
        "differences": [_difference(one) for one in result.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {"key": one.key, "expected": one.expected, "seen": one.seen}


# --- show -----------------------------------------------------------------------------------------------------------


def show(folder: SiteOption = Path(), as_json: JsonOption = False) -> None:
    """Draw the rules in their order, the ladders, and the tree of units and groups."""
    from mailbot.site import load

    site = load(folder.absolute()).site
    if as_json:
        print_json({"rules": [_rule_values(rule) for rule in site.rules], "units": list(site.directory.units)})
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(_rule_tree(site))
    console.print(_ladder_tree(site))
    console.print(_directory_tree(site))


def _rule_values(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "position": str(rule.position),
        "version": rule.version,
        "when": [{"name": one.name, "wanted": one.wanted} for one in rule.conditions],
        "then": [f"{name}: {value}" for name, value in _orders(rule)],
        "go_on": rule.go_on,
    }


def _rule_tree(site: Site) -> Tree:
    tree = Tree(say(Text("[bold]Quy tắc[/], xét từ trên xuống", "[bold]Rules[/], tried from the top")))
    for number, rule in enumerate(site.rules, start=1):
        branch = tree.add(
            f"{number}. [bold]{escape(rule.id)}[/] {escape(rule.title)}  [dim]{escape(str(rule.position))}[/]"
        )
        for condition in rule.conditions:
            branch.add(f"{say(Text('nếu', 'when'))} {escape(condition.name)}: {escape(condition.wanted)}")
        for name, value in _orders(rule):
            branch.add(f"{say(Text('thì', 'then'))} {escape(name)}: {escape(value)}")
        if rule.go_on:
            branch.add(say(Text("rồi xét tiếp quy tắc sau", "then later rules may add to it")))
    return tree


def _orders(rule: Rule) -> Iterator[tuple[str, str]]:
    action = rule.action
    if action.register:
        yield "register", action.register
    if action.submit:
        propose = f", propose {', '.join(action.submit.propose_to)}" if action.submit.propose_to else ""
        yield "submit", f"{action.submit.to}{propose}"
    if action.send:
        excepted = f" except {', '.join(action.send.excepted)}" if action.send.excepted else ""
        yield "send", f"{', '.join(action.send.to)}{excepted} ({action.send.template}, {action.send.copy})"
        yield "ask", str(action.ask)
        over = f" {action.confirm.over_units}" if action.confirm.over_units else ""
        yield "confirm", f"{action.confirm.mode}{over}"
    if action.assign:
        yield "assign", ", ".join((action.assign.lead, *action.assign.cooperating))
    if action.ladder:
        yield "ladder", action.ladder
    if action.clerk_alone:
        yield "clerk_alone", "yes"


def _ladder_tree(site: Site) -> Tree:
    tree = Tree(say(Text("[bold]Lịch đôn đốc[/]", "[bold]Ladders[/]")))
    for ladder in site.ladders.values():
        branch = tree.add(f"[bold]{escape(ladder.name)}[/]  [dim]{escape(str(ladder.position))}[/]")
        for step in ladder.steps:
            side = "before" if step.before else "after"
            offset = f"{step.offset.amount} {step.offset.unit} {side} " if step.offset else ""
            to = f" → {', '.join(step.to)}" if step.to else ""
            branch.add(escape(f"{offset}{step.anchor}{' overdue' if step.overdue else ''}: {step.do}{to}"))
    return tree


def _directory_tree(site: Site) -> Tree:
    tree = Tree(say(Text("[bold]Danh bạ[/]", "[bold]Directory[/]")))
    children: dict[str | None, list[Unit]] = {}
    for unit in site.directory.units.values():
        known = unit.parent if unit.parent in site.directory.units else None
        children.setdefault(known, []).append(unit)

    def grow(branch: Tree, parent: str | None) -> None:
        for unit in children.get(parent, ()):
            grow(branch.add(_unit_line(unit)), unit.key)

    grow(tree, None)
    groups = tree.add(say(Text("nhóm", "groups")))
    today = datetime.now(site.office.working_time.zone).date()
    for group in site.directory.groups.values():
        members = [one.unit for one in site.directory.expand(f"group:{group.key}", today)]
        people = [target.removeprefix("person:") for target in site.directory.people_of(f"group:{group.key}")]
        groups.add(f"{escape(group.key)} {escape(group.name)}: {escape(', '.join([*members, *people]) or '-')}")
    return tree


def _unit_line(unit: Unit) -> str:
    reach = unit.mail[0] if unit.mail and unit.channel == "mail" else say(ON_PAPER)
    notes = []
    if unit.shares_mail_with:
        notes.append(f"= {unit.shares_mail_with}")
    if unit.valid_to:
        notes.append(f"≤ {unit.valid_to}")
    if unit.merged_into:
        notes.append(f"→ {unit.merged_into}")
    return f"[bold]{escape(unit.key)}[/] {escape(unit.name)}  [dim]{escape(' '.join([reach, *notes]))}[/]"


# --- diff -----------------------------------------------------------------------------------------------------------


def diff(
    old: Annotated[Path, typer.Argument(help="A site folder / cấu hình cũ.")],
    new: Annotated[Path, typer.Argument(help="A site folder / cấu hình mới.")],
    folder: Annotated[
        Path | None, typer.Option("-C", "--site", help="The site whose archive is used; OLD when not given.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Only mails of so many days / chỉ thư của số ngày này.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Decide about the archived mails again under two sites, and list what changes for whom. Nothing is changed."""
    from mailbot.site import load

    sites = [load(path.absolute()).site for path in (old, new)]
    since = datetime.now(UTC) - timedelta(days=days) if days else None
    count, changes = 0, []
    for change in _changes(sites[0], sites[1], (folder or old).absolute(), since):
        count += 1
        if change is not None:
            changes.append(change)
    if as_json:
        print_json({"mails": count, "changes": [change.to_json() for change in changes]})
        return
    console = Console(highlight=False, soft_wrap=True)
    for change in changes:
        _show_change(change, sites[0].office.working_time.local(change.came_at), console)
    said = Text(
        vi=f"{count} thư được xét lại, {len(changes)} thư có kết quả khác.",
        en=f"{count} mails decided again, {len(changes)} of them differently.",
    )
    console.print(say(said))


def _changes(old: Site, new: Site, folder: Path, since: datetime | None) -> Iterator[Change | None]:
    from mailbot.service.readers import Readers
    from mailbot.service.rule_diff import change_of
    from mailbot.service.runtime import reading_context
    from mailbot.site import load
    from mailbot.store import journal
    from mailbot.store.archive import Archive
    from mailbot.store.database import Store

    store = Store(load(folder).settings.database, migrate=False)
    archive = Archive(folder / "var" / "archive")
    readers = Readers(min(4, os.cpu_count() or 1))
    try:
        with store.read() as connection:
            kept = journal.archived(connection, since=since)
        mails = ((mail, archive.get(mail.archive_hash)) for mail in kept)
        for mail, reading in readers.in_order(mails, reading_context(new)):
            yield change_of(mail, reading, old, new)
    finally:
        readers.close(wait=False)
        store.close()


def _show_change(change: Change, came_at: datetime, console: Console) -> None:
    subject = change.subject if change.subject is not None else "…"
    console.print(
        f"[bold]#{change.message}[/] {came_at:%d/%m/%Y %H:%M} {escape(str(change.sender))}: {escape(subject)}"
    )
    for one in change.differences:
        gone, come = _gone_and_come(one)
        console.print(f"    {escape(one.key)}: [red]{escape(gone)}[/] → [green]{escape(come)}[/]")


def _gone_and_come(one: Difference) -> tuple[str, str]:
    """Return what goes and what comes; of two lists only where they differ, since lists of units are long."""
    if not isinstance(one.expected, list) or not isinstance(one.seen, list):
        return _shown(one.expected), _shown(one.seen)
    gone = [f"-{item}" for item in one.expected if item not in one.seen]
    come = [f"+{item}" for item in one.seen if item not in one.expected]
    return " ".join(gone) or "…", " ".join(come) or "…"


# --- simulate -------------------------------------------------------------------------------------------------------


def simulate(
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"], help="YYYY-MM-DD")],
    folder: SiteOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Print every mail that would go out until then if nobody answered. Nothing is sent, stored or changed."""
    from mailbot.service.rehearsal import ledger_at
    from mailbot.site import load
    from mailbot.store.database import Store

    loaded = load(folder.absolute())
    site = loaded.site
    store = Store(loaded.settings.database)
    if until.time() == time():
        until = until.replace(hour=23, minute=59)
    try:
        with ledger_at(store, site) as scene:
            mails = list(scene.run(datetime.now(UTC), until.replace(tzinfo=site.office.working_time.zone)))
    finally:
        store.close()
    if as_json:
        print_json([_mail_values(made) for made in mails])
        return
    rows = [
        (
            f"{made.at:%d/%m/%Y %H:%M}",
            words.word(words.PURPOSE, made.mail.purpose),
            made.mail.recipient,
            _about(made),
            made.because,
        )
        for made in mails
    ]
    print_table(
        Text(f"Thư sẽ gửi đến {until:%d/%m/%Y %H:%M}", f"Mails until {until:%Y-%m-%d %H:%M}"), MAILS_AHEAD, rows
    )


def _about(made: RehearsedMail) -> str:
    number = made.mail.values.get("number")
    return " ".join(str(part) for part in (number, ", ".join(made.mail.units)) if part)


def _mail_values(made: RehearsedMail) -> dict[str, Any]:
    mail = made.mail
    return {
        "at": made.at.isoformat(),
        "purpose": mail.purpose,
        "template": mail.template,
        "to": mail.recipient,
        "units": list(mail.units),
        "number": mail.values.get("number"),
        "because": made.because,
    }
