"""One database, one way to write: every write transaction holds the only write lock from its first statement on."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from mailbot import private
from mailbot.problems import Text
from mailbot.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_SECONDS = 60
# Any constant serves: one number names "the writer of this site" among PostgreSQL's advisory locks of the database.
WRITER_LOCK = 0x6D61696C
DAEMON_LOCK = WRITER_LOCK + 1
# How long the second of two daemons waits for the first to end, and how soon a dead machine's lock is free.
_HELD_LOCK = {
    "lock_timeout": "5s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_LOCK_NOT_AVAILABLE = "55P03"
CANNOT_OPEN = 73  # EX_CANTCREAT
ALREADY_RUNNING = 75  # EX_TEMPFAIL: another mailbot works here


class Turns:
    """A lock whose waiters are served in the order they came.

    Python's own lock goes to whoever asks at the right moment: a thread that writes without a pause would keep the
    senders waiting until it has nothing left to write.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Store:
    """The open database of one site."""

    def __init__(self, url: str, *, migrate: bool = True) -> None:
        self.url = sa.make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url, self.sqlite)
        # SQLite's own busy handler sleeps between tries; queueing here wakes the next writer at once.
        self._writer = Turns()
        try:
            if migrate:
                self.migrate()
        except (DatabaseError, sqlite3.DatabaseError, OSError) as error:
            raise _cannot_open(self.url, error) from error
        except CommandError as error:
            raise _from_the_future(self.url) from error

    def migrate(self) -> None:
        """Bring the schema to the newest version, all of it or nothing."""
        with self.engine.connect() as connection, self._tables_may_be_made_anew(connection):
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _tables_may_be_made_anew(self, connection: sa.Connection) -> Iterator[None]:
        """Let SQLite put a changed table in the place of the old one, whose rows others point at.

        See sqlite.org/lang_altertable.html §7. It can be told so only outside a transaction; that everything still
        points somewhere is checked before the commit.
        """
        if not self.sqlite:
            yield
            return
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            yield
        finally:
            driver.execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One write transaction: BEGIN IMMEDIATE on SQLite, the writer's advisory lock on PostgreSQL.

        Raises:
            StoreError: the database cannot be used now; nothing of the transaction was kept.
        """
        options: dict[str, Any] = {"mailbot_write": True} if self.sqlite else {"isolation_level": "READ COMMITTED"}
        with (
            self._translated(),
            self._writer,
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            if not self.sqlite:
                # Each statement sees what was committed before it: a snapshot for the whole transaction would be
                # taken by the very statement that waits for the lock, and miss what the writer before us wrote.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One consistent look at the database.

        Raises:
            StoreError: the database cannot be used now.
        """
        with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only daemon on this database; one of a folder is told from another's by the lock of the folder.

        PostgreSQL lets the lock go with the connection: at once when the process dies, within a minute when its machine
        or the network does. So long the next one waits no longer than some seconds, and is refused.

        Raises:
            StoreError: another daemon works with this database.
        """
        if self.sqlite:
            yield
            return
        with self._translated():
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with self._translated():
                self._take(connection)
            yield
        finally:
            with suppress(SQLAlchemyError):  # the server may be gone, and the lock with it
                connection.close()

    def _take(self, connection: sa.Connection) -> None:
        connection.detach()  # no other work may get it, and closing it gives the lock back
        for setting, value in _HELD_LOCK.items():
            connection.exec_driver_sql(f"SET {setting} = '{value}'")
        try:
            connection.execute(sa.select(sa.func.pg_advisory_lock(DAEMON_LOCK)))
            connection.commit()  # of nothing: what is left open would be rolled back at the end, on a dead line too
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise _in_use(self.url) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Tell what is wrong with the database itself in words for people; a mistake of ours stays what it is."""
        try:
            yield
        except SQLAlchemyError as error:
            if not isinstance(error, _OUTSIDE) and type(error) is not DatabaseError:
                raise
            raise _unusable(self.url, str(getattr(error, "orig", None) or error).strip()) from error

    def obstacle(self, seconds: float = 5) -> StoreError | None:
        """Return what keeps anybody from writing now (waiting so long for another writer), None when nothing does."""
        try:
            if not self.sqlite:
                with self._translated(), self.engine.connect() as connection:
                    standby = connection.execute(sa.text("SHOW transaction_read_only")).scalar() == "on"
                return _unusable(self.url, "read-only") if standby else None
            if self.url.database in (None, "", ":memory:"):
                return None
            with closing(sqlite3.connect(str(self.url.database), timeout=seconds, isolation_level=None)) as probe:
                probe.execute("BEGIN IMMEDIATE")
                probe.execute("ROLLBACK")
        except sqlite3.Error as error:
            return _unusable(self.url, str(error))
        except StoreError as error:
            return error
        return None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(url: sa.URL, sqlite: bool) -> sa.Engine:
    if not sqlite:
        return sa.create_engine(url, isolation_level="REPEATABLE READ", pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        try:
            private.make_folder(Path(url.database).parent)
            private.make_file(Path(url.database))
        except OSError as error:
            raise _cannot_open(url, error) from error
        for beside in ("", "-wal", "-shm"):
            private.tighten(Path(url.database + beside))
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: it would begin a read and upgrade it, which loses updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Fewer, larger checkpoints: each one stops the writers while pages go home and are flushed.
    cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("mailbot_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _in_use(url: sa.URL) -> StoreError:
    name = url.render_as_string(hide_password=True)
    return StoreError(
        Text(
            vi=f"Một mailbot khác, ở thư mục hoặc máy khác, đang dùng cơ sở dữ liệu {name}",
            en=f"Another mailbot, in another folder or on another machine, is already running on the database {name}",
        ),
        mend=Text(
            vi="Dừng tiến trình đó trước, hoặc dùng cơ sở dữ liệu khác.",
            en="Stop that process first, or use another database.",
        ),
        exit_code=ALREADY_RUNNING,
    )


def _from_the_future(url: sa.URL) -> StoreError:
    name = url.render_as_string(hide_password=True)
    return StoreError(
        Text(
            vi=f"Cơ sở dữ liệu {name} do phiên bản mailbot mới hơn tạo ra, bản này không đọc được",
            en=f"The database {name} was made by a newer mailbot; this one cannot read it",
        ),
        mend=Text(
            vi="Cài lại phiên bản mới, hoặc khôi phục bản sao lưu trước khi nâng cấp.",
            en="Install the newer version again, or restore the backup from before the upgrade.",
        ),
    )


# What a PostgreSQL says, or the network for it, that will soon be there (a machine that starts, a restart).
_NOT_YET = ("refused", "starting up", "shutting down", "timeout expired", "timed out", "unreachable")
# What the world does to a database; IntegrityError, ProgrammingError and the like are ours.
_OUTSIDE = (OperationalError, InterfaceError, InternalError, NoConnectionError)
_DISK = Text(vi="Giải phóng dung lượng đĩa.", en="Make room on the disk.")
# What databases say, in lower case: what it means, and what to do.
_TROUBLES: tuple[tuple[str, Text, Text], ...] = (
    (
        "locked",
        Text(vi="đang bị một chương trình khác giữ", en="is held by another program"),
        Text(vi="Đóng chương trình đang mở tệp này.", en="Close the program that has this file open."),
    ),
    ("disk is full", Text(vi="không ghi được, đĩa đầy", en="cannot be written, the disk is full"), _DISK),
    ("no space left", Text(vi="không ghi được, đĩa đầy", en="cannot be written, the disk is full"), _DISK),
    (
        "read-only",
        Text(vi="chỉ cho đọc", en="is read-only"),
        Text(vi="Máy chủ có phải là bản sao dự phòng không?", en="Is the server a standby?"),
    ),
    (
        "unable to open",
        Text(vi="không mở được để ghi", en="cannot be opened for writing"),
        Text(vi="Kiểm tra quyền ghi và ổ đĩa.", en="Look at the permission to write and at the disk."),
    ),
    (
        "readonly",
        Text(vi="chỉ cho đọc", en="is read-only"),
        Text(vi="Kiểm tra quyền ghi và ổ đĩa.", en="Look at the permission to write and at the disk."),
    ),
)


def _unusable(url: sa.URL, said: str) -> StoreError:
    name = url.render_as_string(hide_password=True)
    for words, text, mend in _TROUBLES:
        if words in said.lower():
            return StoreError(
                Text(vi=f"Cơ sở dữ liệu {name} {text.vi} ({said})", en=f"The database {name} {text.en} ({said})"),
                mend=mend,
            )
    return StoreError(
        Text(vi=f"Không dùng được cơ sở dữ liệu {name}: {said}", en=f"The database {name} cannot be used: {said}")
    )


def _cannot_open(url: sa.URL, error: Exception) -> StoreError:
    name = url.render_as_string(hide_password=True)
    told = StoreError(
        Text(
            vi=f"Không mở được cơ sở dữ liệu {name}: {error}",
            en=f"The database {name} cannot be opened: {error}",
        ),
        mend=Text(
            vi="Kiểm tra khóa database trong mailbot.yaml, quyền ghi vào thư mục var/, máy chủ PostgreSQL (nếu dùng).",
            en="Check the key database in mailbot.yaml, write permission on var/, and the PostgreSQL server if used.",
        ),
        exit_code=CANNOT_OPEN,
    )
    told.temporary = isinstance(error, OperationalError) and any(words in str(error) for words in _NOT_YET)
    return told
