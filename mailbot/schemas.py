"""JSON Schemas of the files that an admin writes, for the completion and the checking of editors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from mailbot import rule_test_source, settings_source, site, yaml_values
from mailbot.office.orders import VERB_OF, Verb
from mailbot.routing import actions, conditions, directory_form, rights, rule_source, schedules, spans
from mailbot.routing.model import Relation
from mailbot.schema_words import KEYS, VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from mailbot.problems import Text

    Schema = dict[str, Any]

# Every kind of file of a site.
FILES: Mapping[str, type[BaseModel]] = {
    "mailbot": settings_source.SettingsSource,
    "directory": directory_form.DirectorySource,
    "calendar": site.CalendarSource,
    "rules": rule_source.RulesFile,
    "tests": rule_test_source.TestsFile,
}
DIALECT = "http://json-schema.org/draft-07/schema#"  # what the language servers of editors know best

SPAN = r"\d{1,4}\s+(working\s+(day|hour)|day|hour|minute)s?"
CLOCK = r"([01]?\d|2[0-3]):[0-5]\d"
DAY = r"\d{4}-\d{2}-\d{2}"
ANCHOR = "|".join(spans.ANCHORS)
# An editor types scalars by YAML 1.2 before it looks at the schema: 5 is a number and `true` a truth value there.
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
ADDRESS: Schema = {"type": "string", "pattern": r"^\s*[^@\s]+@[^@\s]+\s*$"}


def _pattern(expression: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": f"^\\s*({expression})\\s*$", "examples": list(examples)}


# What may be written where a function reads the value.
SHAPES: dict[Callable[[Any], Any], Schema] = {
    yaml_values.text: SCALAR,
    yaml_values.flag: {"enum": [True, False, *sorted(yaml_values.TRUE | yaml_values.FALSE)]},
    yaml_values.whole: {"type": ["integer", "string"], "minimum": 0, "pattern": r"^\s*\d{1,12}\s*$"},
    yaml_values.day: _pattern(DAY, "2026-10-15"),
    yaml_values.clock: _pattern(CLOCK, "08:00"),
    yaml_values.hours: _pattern(f"{CLOCK}-{CLOCK}", "07:30-11:30"),
    yaml_values.part_of_day: _pattern(f"{CLOCK}-{CLOCK}", "17:00-07:30"),
    yaml_values.size: {
        "type": ["integer", "string"],
        "pattern": r"^\s*\d+\s*([kKmMgG]?[bB]?)\s*$",
        "examples": ["25MB"],
    },
    yaml_values.address: ADDRESS,
    directory_form.mail_or_share: _pattern(r"same_as:.+|[^@\s]+@[^@\s]+", "same_as:tdp-3"),
    directory_form.role_holder: _pattern(r"person:.+|[^@\s]+@[^@\s]+", "person:cvp"),
    directory_form.related: {"enum": [str(one) for one in Relation]},
    spans.span: _pattern(SPAN, "3 working days", "24 hours"),
    spans.step: _pattern(
        rf"({SPAN}\s+(before|after)\s+)?({ANCHOR})(\s+overdue)?",
        "acknowledgement overdue",
        "2 working days before due",
        "due",
    ),
    rights.order_names: {
        "anyOf": [{"enum": ["all"]}, {"type": "array", "items": {"enum": sorted(VERB_OF) + sorted(map(str, Verb))}}]
    },
    schedules.schedule: _pattern(
        rf"(daily|weekly\s+({'|'.join(schedules.WEEKDAYS)}))\s+([01]?\d|2[0-3]):[0-5]\d",
        "daily 07:30",
        "weekly friday 15:00",
    ),
    actions.read_confirm: {
        "anyOf": [
            {"enum": ["always", "never"]},
            {
                "type": "object",
                "properties": {"over_units": {"type": ["integer", "string"]}},
                "required": ["over_units"],
                "additionalProperties": False,
            },
        ]
    },
    settings_source.read_zone: {"type": "string", "examples": ["Asia/Ho_Chi_Minh"]},
    settings_source.read_port: {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 65535,
        "pattern": r"^\s*\d+\s*$",
    },
    settings_source.read_host: {"type": "string", "pattern": r"^\s*[^\s,/]+\s*$"},
    settings_source.read_fingerprint: {
        "type": "string",
        "pattern": r"^\s*(sha256:)?([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}\s*$",
    },
    settings_source.read_start: _pattern(f"now|{DAY}", "now", "2026-10-15"),
    settings_source.read_retention: _pattern(r"[1-9]\d{0,3}\s+(years?|months?)", "5 years", "18 months"),
    settings_source.read_token_file: {
        "type": "string",
        "pattern": "^file:",
        "examples": ["file:secrets/van-phong.token"],
    },
    settings_source.read_token_url: {
        "type": "string",
        "pattern": r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])",
        "examples": ["https://oauth2.googleapis.com/token"],
    },
    settings_source.read_secret: {**SCALAR, "examples": ["env:MAILBOT_PASSWORD", "file:secrets/van-phong"]},
    settings_source.read_command: {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]},
    settings_source.read_domains: {
        "anyOf": [SCALAR, {"type": "array", "items": SCALAR}],
        "examples": [["gmail.com"]],
    },
    rule_test_source.moment: _pattern(rf"{DAY}[ T]{CLOCK}(:\d\d)?", "2026-10-06 08:10"),
    site.read_days: {
        "anyOf": [
            {"type": "object", "patternProperties": {f"^{DAY}$": {}}, "additionalProperties": False},
            {"type": "array", "items": _pattern(DAY)},
            _pattern(DAY),
            {"type": "null"},
        ]
    },
}
NULL: Schema = {"type": "null"}
MANY: Schema = {"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]}
# What may be written besides what a model asks, where a function makes the one of the other.
ALSO: dict[Callable[[Any], Any], Callable[[Schema], Schema]] = {
    yaml_values.text: lambda _: SCALAR,
    yaml_values.listed: lambda inner: inner,
    yaml_values.mapping: lambda inner: {"anyOf": [inner, NULL]},
    yaml_values.one_or_many: lambda inner: {"anyOf": [inner, inner.get("items", {}), NULL]},
    rule_source.entries: lambda inner: {"anyOf": [inner, NULL]},
    rule_source.level: lambda inner: {"anyOf": [inner, MANY]},
    rule_source.phrases: lambda inner: {"anyOf": [inner, MANY]},
    actions.sending: lambda inner: {"anyOf": [inner, MANY]},
    actions.read_due: lambda inner: {
        "anyOf": [inner, _pattern(rf"document|{SPAN}(\s+before document)?", "5 working days")]
    },
}
# Words that the rule reader checks by itself.
WORDS = {
    "When.kind": conditions.KINDS,
    "When.secrecy": conditions.SECRECIES,
    "When.sensitivity": conditions.SENSITIVITIES,
    "DocumentWhen.urgency": conditions.URGENCIES,
    "ArrivedWhen.on": conditions.ARRIVAL_DAYS,
}


class _Writer(GenerateJsonSchema):
    """Describes what is written, not what becomes of it."""

    def function_plain_schema(self, schema: Any) -> Schema:
        """Return what a reading function takes; one that `SHAPES` has not is a mistake of ours."""
        return dict(SHAPES[schema["function"]["function"]])

    def function_before_schema(self, schema: Any) -> Schema:
        """Return what a function makes of the written, or the model behind it."""
        return ALSO[schema["function"]["function"]](self.generate_inner(schema["schema"]))

    def default_schema(self, schema: Any) -> Schema:
        """Leave defaults out: they are values already, and stand in the example office."""
        return self.generate_inner(schema["schema"])


def schema_of(model: type[BaseModel]) -> Schema:
    """Return the JSON Schema of one kind of file, with what each key and value means in both languages."""
    schema: Schema = _untitled(model.model_json_schema(schema_generator=_Writer))
    for name, definition in ({model.__name__: schema} | schema.get("$defs", {})).items():
        for key, entry in definition.get("properties", {}).items():
            _explain(f"{name}.{key}", entry)
    return {"$schema": DIALECT} | schema


def _untitled(schema: Any, *, names: bool = False) -> Any:
    """Leave out the titles that pydantic makes of names; keys of `properties` may be called so and stay."""
    if isinstance(schema, list):
        return [_untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _untitled(value, names=key in ("properties", "$defs") and not names)
        for key, value in schema.items()
        if names or key != "title"
    }


def _explain(place: str, entry: Schema) -> None:
    if place in KEYS:
        entry["description"] = _both(KEYS[place])
    words = WORDS.get(place)
    if words is not None:
        allowed = _named(list(words))
        kept = [one for one in _choices(entry) if "$ref" in one]
        entry["anyOf"] = [*kept, allowed, {"type": "array", "items": allowed}]
        entry.pop("type", None)
    for choice in (entry, *_choices(entry)):
        if "enum" in choice and "enumDescriptions" not in choice:
            choice.update(_named(choice["enum"]))


def _choices(entry: Schema) -> list[Schema]:
    """Return every way in which a value may be written, however deep the ways are nested."""
    return [deeper for one in entry.get("anyOf", []) for deeper in ([one] if "anyOf" not in one else _choices(one))]


def _named(values: list[Any]) -> Schema:
    """Return an enumeration, with what each value means where that is known."""
    if not any(value in VALUES for value in values if isinstance(value, str)):
        return {"enum": values}
    return {"enum": values, "enumDescriptions": [_both(VALUES[value]) if value in VALUES else "" for value in values]}


def _both(text: Text) -> str:
    return f"{text.vi} / {text.en}"


def schema_files() -> dict[str, str]:
    """Return the text of every schema file by its name."""
    return {
        f"{name}.json": json.dumps(schema_of(model), ensure_ascii=False, indent=1) + "\n"
        for name, model in FILES.items()
    }
