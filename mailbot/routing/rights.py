"""Who may give which orders: by mailbot.yaml; else the clerk and the leader all, senders those about their papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from mailbot.office.orders import VERB_OF, Verb
from mailbot.office.text import fold
from mailbot.yaml_values import one_or_many, text, wrong

if TYPE_CHECKING:
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site

ALL = frozenset(Verb)
EVERY = ("all", "tat ca")
# What asks and changes nothing: the admin minds the machine and not the papers, unless mailbot.yaml says more.
ASKING = frozenset({Verb.LOOKUP, Verb.STATUS, Verb.HISTORY, Verb.STATISTICS, Verb.HELP})
# Whoever mailed a paper in looks after it; assigning and registering is the office's.
OF_SENDERS = ALL - {Verb.ASSIGN, Verb.REGISTER, Verb.STATISTICS}


def order_names(value: Any) -> frozenset[Verb]:
    """Read `all`, or the orders by their names: `[TÌNH HÌNH, nhac, extend]`."""
    found: set[Verb] = set()
    for item in one_or_many(value):
        word = text(item)
        if fold(word).strip() in EVERY:
            return ALL
        plain = fold(word).strip()
        verb = VERB_OF.get(plain) or next((one for one in Verb if one == plain), None)
        if verb is None:
            raise wrong("order", f"không có yêu cầu “{word}”", f'there is no order "{word}"')
        found.add(verb)
    return frozenset(found)


OrderNames = Annotated[frozenset[Verb], PlainValidator(order_names)]


def officers(site: Site, *, clerk_alone: bool = False) -> frozenset[str]:
    """Return the addresses of the clerk, the leader and the admin, in small letters, or those of the clerk alone."""
    others = () if clerk_alone else (site.officers.leader, site.officers.admin)
    return _addresses(site, site.officers.clerk, *others)


def may_give(address: str, site: Site, known: Known) -> frozenset[Verb]:
    """Return the orders that an address may give; none for a stranger, whose words then are no orders at all."""
    address = address.lower()
    named = [right.verbs for right in site.orders if address in _addresses(site, right.target)]
    if named:
        return frozenset(Verb(verb) for verbs in named for verb in verbs) | {Verb.HELP}
    if address in _addresses(site, site.officers.clerk, site.officers.leader):
        return ALL
    senders = {
        (matter.document.sender_address or "").lower() for matters in known.matters.values() for matter in matters
    }
    if known.matters and senders == {address}:
        return OF_SENDERS
    return ASKING | {Verb.UNDO} if address in _addresses(site, site.officers.admin) else frozenset()


def _addresses(site: Site, *targets: str) -> frozenset[str]:
    return frozenset(each.lower() for target in set(targets) for _, each in site.directory.addresses(target))
