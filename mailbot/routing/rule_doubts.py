"""What is well formed in rules and ladders and will not do what its author thinks: warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.problems import Problem, Text
from mailbot.routing.model import Anchor, Ask
from mailbot.routing.unreachable import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from mailbot.problems import Position
    from mailbot.routing.directory import Directory
    from mailbot.routing.model import Action, Ladder
    from mailbot.routing.rules import Rule

    # Where something of a rule stands, by its id and the keys below it.
    PlaceInRule = Callable[..., Position]


def unreachable_rules(rules: Sequence[Rule], directory: Directory) -> Iterator[Problem]:
    """Yield a warning for each rule that is never tried; behind one that takes every mail, only for the first."""
    for rule, earlier in unreachable(rules, directory):
        if not earlier.conditions:
            text = Text(
                vi=f"quy tắc “{earlier.id}” nhận mọi thư, nên “{rule.id}” và các quy tắc sau không bao giờ được xét",
                en=f'the rule "{earlier.id}" takes every mail, so "{rule.id}" and what follows is never tried',
            )
        else:
            text = Text(
                vi=f"“{rule.id}” không bao giờ được xét: “{earlier.id}” ({earlier.position}) nhận trước mọi thư của nó",
                en=f'"{rule.id}" is never tried: "{earlier.id}" ({earlier.position}) takes all of its mails before',
            )
        mend = Text(
            vi=f"đặt “{rule.id}” trước “{earlier.id}”, hoặc thêm “go_on: yes” cho “{earlier.id}”",
            en=f'put "{rule.id}" before "{earlier.id}", or give "{earlier.id}" a "go_on: yes"',
        )
        yield Problem("rule.unreachable", rule.position, text, mend)
        if not earlier.conditions:
            return


def sends_to_nobody(rules: Sequence[Rule], directory: Directory, today: date, place: PlaceInRule) -> Iterator[Problem]:
    """Yield a warning for each group that a rule sends to and in which nobody is today."""
    for rule in rules:
        send, submit = rule.action.send, rule.action.submit
        named: list[tuple[str, tuple[str | int, ...]]]
        named = [(target, ("send", "to", index)) for index, target in enumerate(send.to if send else ())]
        proposed = submit.propose_to if submit else ()
        named += [(target, ("submit", "propose", "to", index)) for index, target in enumerate(proposed)]
        for target, path in named:
            key = target.removeprefix("group:")
            is_group = target.startswith("group:") or (key in directory.groups and key not in directory.units)
            if is_group and not directory.expand(target, today) and not directory.people_of(f"group:{key}"):
                text = Text(
                    vi=f"hôm nay ({today:%d/%m/%Y}) nhóm “{key}” không có đơn vị nào",
                    en=f'today ({today}) nobody is in the group "{key}"',
                )
                mend = Text(
                    vi="xem “valid:” và “groups:” của các đơn vị thuộc nhóm",
                    en='look at "valid:" and "groups:" of the units that belong to it',
                )
                yield Problem("rule.nobody", place(rule.id, *path), text, mend)


# What a rule must have so that a step of its ladder can come; shown when no rule that uses the ladder has it.
NEEDS = {
    Anchor.DUE: Text(vi="“due:” cùng với “ask:”", en='"due:" together with "ask:"'),
    Anchor.ACKNOWLEDGEMENT: Text(vi="“acknowledge_within:” cùng với “ask:”", en='"acknowledge_within:" and "ask:"'),
    Anchor.RSVP: Text(vi="“ask: rsvp”", en='"ask: rsvp"'),
    Anchor.MEETING: Text(vi="“ask:” (ví dụ “ask: rsvp”)", en='"ask:" (such as "ask: rsvp")'),
}


def doubtful_ladders(
    rules: Sequence[Rule], ladders: Mapping[str, Ladder], place: Callable[[str, int], Position]
) -> Iterator[Problem]:
    """Yield a warning for each ladder that no rule uses, and each step that none of its rules lets happen."""
    adding = [rule.action for rule in rules if rule.go_on]
    for ladder in ladders.values():
        users = [rule for rule in rules if rule.action.ladder == ladder.name]
        if not users:
            text = Text(
                vi=f"không quy tắc nào dùng lịch đôn đốc “{ladder.name}”", en=f'no rule uses the ladder "{ladder.name}"'
            )
            mend = Text(vi=f"thêm “ladder: {ladder.name}” vào quy tắc", en=f'add "ladder: {ladder.name}" to a rule')
            yield Problem("ladder.unused", ladder.position, text, mend)
            continue
        # Rules with `go_on` share their orders with those behind them: what any of them has may be there.
        together = [*(rule.action for rule in users), *adding]
        if any(rule.go_on for rule in users):
            together = [rule.action for rule in rules]
        for index, step in enumerate(ladder.steps):
            if any(happens(step.anchor, action) for action in together):
                continue
            named = ", ".join(f"“{rule.id}”" for rule in users)
            text = Text(
                vi=f"bước này không bao giờ đến: không quy tắc nào dùng lịch này ({named}) có {NEEDS[step.anchor].vi}",
                en=f"this step never comes: no rule that uses the ladder ({named}) has {NEEDS[step.anchor].en}",
            )
            mend = Text(vi="bỏ bước này, hoặc bổ sung quy tắc", en="remove the step, or complete a rule")
            yield Problem("ladder.never", place(ladder.name, index), text, mend)


def happens(anchor: Anchor, action: Action) -> bool:
    """Tell whether a mail under this action can have the moment that a step counts from."""
    if action.clerk_alone:
        return False
    instructed = action.submit is not None  # the leader's instruction asks for an answer, and may set a deadline
    asked = action.ask is not Ask.NONE or instructed
    assigned = action.assign is not None
    assigned_until = action.assign is not None and action.assign.due is not None
    return {
        Anchor.DUE: instructed or (action.due is not None and asked) or assigned_until,
        Anchor.ACKNOWLEDGEMENT: action.acknowledge_within is not None and (asked or assigned),
        Anchor.RSVP: action.ask is Ask.RSVP,
        Anchor.MEETING: asked or assigned,
    }[anchor]
