"""The JSON Schemas for editors: they take what the site takes, and refuse what a schema can know to be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from mailbot import schemas
from mailbot.cli.check_command import check, write_schemas
from mailbot.yaml_source import parse
from tests import broken_sites

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
VALIDATORS = {name: jsonschema.Draft7Validator(schemas.schema_of(model)) for name, model in schemas.FILES.items()}
# Beyond a schema: what only the world knows (a zone, a calendar), words read by the whole.
NOT_BY_FORM = {"value.address", "value.timezone", "value.date", "value.hours", "value.secret"}
BY_FORM = {name for name in broken_sites.names() if name.startswith("value.") and name not in NOT_BY_FORM} | {
    "unknown.kind",
    "unknown.day",
    "unknown.sensitivity",
}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return broken_sites.example(tmp_path_factory.mktemp("office") / "office")


def kind_of(path: Path) -> str:
    if path.parent.name == "tests":
        return "tests"
    return path.stem if path.stem in VALIDATORS else "directory" if path.parent.name == "directory.d" else "rules"


def as_editors_see(value: Any) -> Any:
    """Return texts as YAML 1.2 types them: whole numbers and truth values."""
    if isinstance(value, dict):
        return {key: as_editors_see(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_editors_see(one) for one in value]
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def wrong_in(office: Path) -> Iterator[str]:
    """Yield what the schemas say against the files of an office."""
    for path in sorted((*office.glob("*.yaml"), *(office / "rules").rglob("*.yaml"))):
        data = parse(path.read_text("utf-8"), path.name).data
        for seen in (data, as_editors_see(data)):
            for error in VALIDATORS[kind_of(path)].iter_errors(seen):
                yield f"{path.name}: {error.json_path}: {error.message}"


def test_every_schema_is_one() -> None:
    for validator in VALIDATORS.values():
        jsonschema.Draft7Validator.check_schema(validator.schema)


def test_the_example_office_is_as_the_schemas_say(example: Path) -> None:
    assert list(wrong_in(example)) == []


@pytest.mark.parametrize("name", sorted(BY_FORM))
def test_an_editor_shows_what_is_wrong_by_its_form(name: str, example: Path, tmp_path: Path) -> None:
    assert list(wrong_in(broken_sites.broken(name, example, tmp_path / "office")))


SILENT = ("directory.", "rule.", "ladder.", "check.un")


@pytest.mark.parametrize("name", [name for name in broken_sites.names() if name.startswith(SILENT)])
def test_an_editor_says_nothing_of_what_only_check_can_know(name: str, example: Path, tmp_path: Path) -> None:
    assert list(wrong_in(broken_sites.broken(name, example, tmp_path / "office"))) == []


@pytest.mark.parametrize(("words", "code"), [(("--schemas",), 0), ((), 2)], ids=["asked for", "only a folder"])
def test_schemas_are_written_where_one_says_and_only_when_asked(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    app = typer.Typer()
    app.command()(check)
    assert CliRunner().invoke(app, [*words, str(tmp_path / "new" / "schemas")]).exit_code == code
    assert (tmp_path / "new" / "schemas" / "rules.json").exists() is (code == 0)


def test_the_shipped_schemas_are_those_of_the_models(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_text("utf-8") for path in (ROOT / "schemas").iterdir()}
    assert written == shipped, "run: mailbot check --schemas schemas"


def test_every_file_of_a_new_office_names_a_schema_that_is_there(example: Path) -> None:
    files = [*example.glob("*.yaml"), *(example / "rules").rglob("*.yaml")]
    assert len(files) > 6
    for path in files:
        first = path.read_text("utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert named != first
        assert json.loads((path.parent / named).read_text("utf-8"))["$schema"]
        assert Path(named).stem == kind_of(path)


def test_every_key_that_is_explained_is_a_key(example: Path) -> None:
    known = set()
    for name, model in schemas.FILES.items():
        schema = VALIDATORS[name].schema
        for owner, definition in {model.__name__: schema, **schema.get("$defs", {})}.items():
            known |= {f"{owner}.{key}" for key in definition.get("properties", {})}
    assert set(schemas.KEYS) <= known
