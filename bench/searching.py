"""Looking for papers in a ledger of years: milliseconds of a search, and what the index costs a recorded paper."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bench.measures import row
from mailbot.routing.finding import Filters, findable_paper, query_of
from mailbot.service.processor import MAILS_PER_COMMIT
from mailbot.store import searching
from mailbot.store.database import Store
from mailbot.store.lookups import look_up
from mailbot.store.tables import TABLES
from tests.servers import postgres
from tests.servers.processes import MissingProgramError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measures import Measured
    from mailbot.routing.finding import Query

PAPERS, SEARCHES, UNITS, AT_ONCE = 100_000, 400, 60, 500
DATABASES = ("SQLite", "PostgreSQL")
TEXTS, MEASURED = 2_000, 400
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BEGAN = datetime(2021, 1, 4, 1, tzinfo=UTC)
# What papers of an office are made of: few words that are everywhere, many that are rare, as in any language.
_PHRASES = (
    "thực hiện báo cáo kết quả công tác lãnh đạo",
    "chỉ đạo triển khai chi bộ đảng viên phường trước ngày",
    "đề nghị cấp ủy tổ chức xây dựng kiểm tra giám sát quy định",
    "hướng dẫn kế hoạch nghị quyết hội nghị tuyên truyền nhân dân",
)
COMMON = tuple(word for phrase in _PHRASES for word in phrase.split())
ABOUT = (
    "cải cách hành chính",
    "hòa bình và phát triển",
    "chuyển đổi số",
    "phòng cháy chữa cháy",
    "sinh hoạt chuyên đề",
    "an ninh trật tự",
    "giảm nghèo bền vững",
    "vệ sinh môi trường",
    "học tập và làm theo Bác",
    "đại hội chi bộ",
)
TYPES = ("CV", "KH", "HD", "TB", "CT", "QĐ", "BC", "NQ")
WORDS_OF_A_TEXT = 400


def title(database: str, count: int = PAPERS) -> str:
    """Return the name of the row of one database."""
    return f"search among {count:,} papers, {database}"


def recording_title(database: str) -> str:
    """Return the name of the row of what the index costs a paper that is recorded."""
    return f"indexing a recorded paper, {database}"


def measure(papers: int = PAPERS, searches: int = SEARCHES) -> list[Measured]:
    """Return the rows of both databases; PostgreSQL's are left out where it is not installed."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _measured(DATABASES[0], f"sqlite:///{Path(folder) / 'mailbot.db'}", papers, searches)
    try:
        with _postgres() as url:
            rows += _measured(DATABASES[1], url, papers, searches)
    except MissingProgramError:
        return rows
    return rows


@contextmanager
def _postgres() -> Iterator[str]:
    server = postgres.Postgres()
    try:
        yield server.create()
    finally:
        server.stop()


def _measured(database: str, url: str, papers: int, searches: int) -> list[Measured]:
    store = Store(url)
    try:
        fill(store, papers)
        waits = [_timed(store, query) for query in queries(papers, searches)]
        plain, indexed = (_recorded(store, papers, indexed=indexed) for indexed in (False, True))
    finally:
        store.close()
    looked = row(title(database, papers), searches, 0, sum(waits), sum(waits), 0.0)
    wait_ms = [wait * 1000 for wait in waits]
    looked |= {"search_ms_median": statistics.median(wait_ms), "search_ms_p99": _p99(wait_ms)}
    seconds = sum(indexed) * MAILS_PER_COMMIT
    written = row(recording_title(database), MEASURED, 0, seconds, seconds, 0.0)
    costs = [(after - before) * 1000 for before, after in zip(sorted(plain), sorted(indexed), strict=True)]
    return [looked, written | {"index_ms": statistics.median(costs)}]


def _p99(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.99) - 1)]


def _timed(store: Store, query: Query) -> float:
    start = time.perf_counter()
    with store.read() as connection:
        look_up(connection, query, HANOI)
    return time.perf_counter() - start


def fill(store: Store, papers: int) -> None:
    """Write papers with two deliveries each, and put them into the index."""
    chance = random.Random(7)  # noqa: S311 - the same papers in every run
    texts = [_text(chance) for _ in range(TEXTS)]
    for first in range(1, papers + 1, AT_ONCE):
        made = [_paper(number, chance) for number in range(first, min(first + AT_ONCE, papers + 1))]
        _write(store, made, [chance.choice(texts) for _ in made], indexed=True)
    if not store.sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _recorded(store: Store, papers: int, *, indexed: bool) -> list[float]:
    """Record papers as the daemon does, so many a commit; return the seconds that each paper took, block by block."""
    chance = random.Random(13)  # noqa: S311 - the same papers in every run
    begin = papers + (2 if indexed else 1) * MEASURED
    seconds = []
    for first in range(begin, begin + MEASURED, MAILS_PER_COMMIT):
        made = [_paper(number, chance) for number in range(first, first + MAILS_PER_COMMIT)]
        texts = [_text(chance) for _ in made]
        start = time.perf_counter()
        _write(store, made, texts, indexed=indexed)
        seconds.append((time.perf_counter() - start) / len(made))
    return seconds


def _write(store: Store, papers: list[dict[str, Any]], texts: list[str], *, indexed: bool) -> None:
    message = {"mailbox": "v", "folder": "INBOX", "uidvalidity": 1, "size": 1, "state": "decided", "attempts": 0}
    mails = [message | {"id": one["id"], "uid": one["id"], "journalled_at": one["recorded_at"]} for one in papers]
    with store.write() as connection:
        connection.execute(sa.insert(TABLES["message"]), mails)
        connection.execute(sa.insert(TABLES["document"]), papers)
        connection.execute(sa.insert(TABLES["delivery"]), [each for one in papers for each in _deliveries(one)])
        if indexed:
            for one, text in zip(papers, texts, strict=True):
                found = findable_paper(one["number"], one["summary"], "Đảng ủy phường An Hòa", text)
                searching.add(connection, one["id"], found, one["recorded_at"])


def _text(chance: random.Random) -> str:
    half = WORDS_OF_A_TEXT // 2
    words = [*chance.choices(COMMON, k=WORDS_OF_A_TEXT - half), *(_rare(chance) for _ in range(half))]
    chance.shuffle(words)
    return f"{' '.join(words)} {chance.choice(ABOUT)}"


def _paper(number: int, chance: random.Random) -> dict[str, Any]:
    kind = TYPES[number % len(TYPES)]
    summary = f"về việc {chance.choice(ABOUT)} {' '.join(chance.choices(COMMON, k=8))} tại tổ {_rare(chance)}"
    return {
        "id": number,
        "message_ref": number,
        "direction": "incoming" if number % 3 else "outgoing",
        "state": "released",
        "kind": "directive",
        "number": f"{number}-{kind}/ĐU",
        "number_key": str(number),
        "type": kind,
        "issuer_unit": f"u{number % UNITS}/ĐU",
        "series": "term 2020-2025",
        "summary": summary,
        "recorded_at": BEGAN + timedelta(minutes=25 * number),
        "content_key": str(number),
    }


def _rare(chance: random.Random) -> str:
    """Return one of 20,000 words, the first of them far oftener than the last (Zipf)."""
    return f"từ{int(20_000 ** chance.random())}"


def _deliveries(paper: dict[str, Any]) -> list[dict[str, Any]]:
    number = paper["id"]
    return [
        {
            "document_ref": number,
            "unit": f"u{unit}",
            "unit_name": f"Chi bộ {unit}",
            "channel": "mail",
            "ask": "report",
            "purpose": "execute",
            "addresses": [],
            "reason": "group",
            "transport": "sent",
            "satisfied": bool(number % 2),
        }
        for unit in {number % UNITS, (number + 7) % UNITS}
    ]


def queries(papers: int, count: int) -> list[Query]:
    """Return what people look for: numbers, subjects, phrases, rare and common words, with and without filters."""
    chance = random.Random(11)  # noqa: S311 - the same questions in every run

    def day() -> datetime:
        return BEGAN + timedelta(minutes=25 * chance.randrange(papers))

    shapes = (
        lambda: query_of(f"{chance.randrange(papers)}-{chance.choice(TYPES)}/ĐU"),
        lambda: query_of(str(chance.randrange(papers))),
        lambda: query_of(chance.choice(ABOUT)),
        lambda: query_of(f'"{chance.choice(ABOUT)}"'),
        lambda: query_of(" ".join(chance.choices(COMMON, k=2))),
        lambda: query_of(f"{chance.choice(ABOUT)} {_rare(chance)}"),
        lambda: query_of(f"{_rare(chance)} {_rare(chance)}"),
        lambda: query_of(chance.choice(ABOUT), Filters(unit=f"u{chance.randrange(UNITS)}")),
        lambda: query_of(chance.choice(ABOUT), Filters(since=day().date(), direction="incoming")),
        lambda: query_of(chance.choice(COMMON), Filters(until=day().date())),
    )
    return [shapes[number % len(shapes)]() for number in range(count)]
