"""How the rows of a job become requests: a template over their columns, or the parameters that stand in them.

The recipe is kept in the journal, so that a job that is run again, by anybody, asks the same as before.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from clarion._config import ClaudeConfig
from clarion._fit.answer_schema import followed, schema_in
from clarion._media import Document, Image
from clarion._output import Output
from clarion._preparation import prepared
from clarion._prompt import drafted
from clarion._tools.errors import UnsupportedSchemaError
from clarion.bulk.errors import JobError, RowError

if TYPE_CHECKING:
    from jinja2 import Template

    from clarion._catalog import Catalog
    from clarion._request import Request

SENDING = ("model", "adjust", "timeout", "stall_timeout", "deadline", "betas", "headers", "tags")
OVERRIDES = ("model", "system", "max_tokens")  # columns that stand in for the job's own options


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is asked of every row.

    With `form="template"`, `prompt` and `system` are Jinja2 templates over the columns of a row; `images` and
    `documents` are the columns that hold paths (relative to `folder`) or URLs of what goes before the prompt, one or a
    list; a row's own `model`, `system` and `max_tokens` take precedence. With `form="params"` a row holds the whole
    request, as a line of the Message Batches API does. `source` is the file they were read from. `options` are those of
    ClaudeConfig, as JSON; `schema` is a JSON Schema of the answers.
    """

    form: Literal["template", "params"] = "template"
    prompt: str = "{{ prompt }}"
    system: str | None = None
    images: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    folder: str = "."
    source: str | None = None
    schema: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.options.items():
            try:
                orjson.dumps(value)
            except TypeError as error:
                other = "give it as schema, or " if name == "output_type" else "give it "
                raise JobError(
                    f"the options of a job are kept in its file, and {name} cannot be ({error}): "
                    f"{other}to the service that runs the job, in its config"
                ) from error

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe:
        """Return the recipe that JSON data describes."""
        known = {field.name for field in fields(cls)}
        lists = {name: tuple(data[name]) for name in ("images", "documents") if name in data}
        return cls(**{name: value for name, value in data.items() if name in known} | lists)

    def config(self, base: ClaudeConfig) -> ClaudeConfig:
        """Return the configuration of the job, over a service's own.

        Of that a request that stands whole in its row takes only how it is sent, not what is asked.
        """
        if self.form == "params":
            base = replace(ClaudeConfig(), **{name: getattr(base, name) for name in SENDING})
        config = base.but(**self.options)
        if self.schema is None:
            return config
        output = {**(config.extra.get("output_config") or {}), "format": {"type": "json_schema", "schema": self.schema}}
        return config.but(extra={"output_config": output})

    def request(self, row: Any, config: ClaudeConfig, catalog: Catalog) -> Request:
        """Return the request that a row makes, under the configuration of the job. Reads the files it names.

        Raises RowError for a row that makes none, MediaError for a file that cannot be sent.
        """
        asked, options, files = self._asked(row)
        parts = [Image(place) if kind == "image" else Document(place) for kind, place in files]
        return prepared(drafted([*parts, *asked]), config.but(**options) if options else config, catalog)

    async def request_of(self, row: Any, config: ClaudeConfig, catalog: Catalog) -> Request:
        """Return the request that a row makes, as `request`; files are read and pixels decoded off the loop."""
        if self.images or self.documents:
            return await asyncio.to_thread(self.request, row, config, catalog)
        return self.request(row, config, catalog)

    def check_templates(self) -> None:
        """Raise JobError for a template that is none."""
        _ = self._prompt, self._system

    def check_schema(self) -> None:
        """Raise JobError for a schema that answers cannot be held to, or not as it is, where `adjust` is "strict"."""
        config = self.config(ClaudeConfig())
        try:
            changes = _changes_for(config)
        except UnsupportedSchemaError as error:
            raise JobError(f"answers cannot be held to the schema: {error}") from error
        if changes and config.adjust == "strict":
            raise JobError(f'with adjust="strict" the schema is not changed, and as it is, it is refused: {changes[0]}')

    def check(self, row: Any) -> bytes:
        """Check that a row makes a request, as far as that is seen without decoding files; return its digest.

        Raises RowError, InvalidPromptError, InvalidSettingError and UnsupportedSchemaError.
        """
        messages, options, files = self._asked(row)
        drafted(messages)
        if options:
            _changes_for(ClaudeConfig().but(**options))
        for _, place in files:
            if "://" not in place and not Path(place).is_file():
                raise RowError(f"there is no file {place}")
        same = orjson.dumps([messages, options, files], option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(same, digest_size=16).digest()

    def _asked(self, row: Any) -> tuple[list[Any], dict[str, Any], list[tuple[str, str]]]:
        """Return the prompt or the messages that a row holds, its options, and the kinds and places of its files."""
        if self.form == "params":
            return *_taken_apart(row), []
        if not isinstance(row, dict):
            raise RowError(f"a row must have named columns, not be a {type(row).__name__}")
        files = [("image", self._place(one)) for one in _all(row, self.images)]
        files += [("document", self._place(one)) for one in _all(row, self.documents)]
        options = {name: row[name] for name in OVERRIDES if row.get(name) not in (None, "")}
        if "max_tokens" in options:
            options["max_tokens"] = _whole(options["max_tokens"])
        if self._system is not None and "system" not in options:
            options["system"] = _rendered(self._system, row)
        return [_rendered(self._prompt, row)], options, files

    @cached_property
    def _prompt(self) -> Template:
        return _compiled("prompt", self.prompt)

    @cached_property
    def _system(self) -> Template | None:
        return None if self.system is None else _compiled("system", self.system)

    def _place(self, named: Any) -> str:
        """Return a path as seen from here, or a URL as it is."""
        if not isinstance(named, str) or not named:
            raise RowError(f"a file is named by its path or URL, not by {named!r}")
        return named if "://" in named else str(Path(self.folder, named))


def schema_of_answers(wanted: Any) -> dict[str, Any] | None:
    """Return the JSON Schema that answers are held to: one as it is, or that of a type, such as a pydantic model."""
    if wanted is None:
        return None
    if isinstance(wanted, str | bytes | Path):
        raise JobError(f"schema must be a JSON Schema or a type; got {wanted!r}: read the file, as with json.load")
    schema = dict(wanted if isinstance(wanted, Mapping) else Output.of(wanted).schema)
    try:
        orjson.dumps(schema)
    except TypeError as error:
        raise JobError(f"schema must be a JSON Schema, and cannot be kept as JSON: {error}") from error
    return schema


def _changes_for(config: ClaudeConfig) -> tuple[str, ...]:
    """Return how the schema of the answers will be changed to be followed. Raises UnsupportedSchemaError."""
    schema = schema_in(config.extra.get("output_config"))
    return () if schema is None else followed(schema).changes


def _compiled(name: str, text: str) -> Template:
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        template = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(text)
        template.globals = dict(template.globals)  # Jinja's own chain of mappings is copied slowly, for every row
        return template
    except TemplateSyntaxError as error:
        raise JobError(f"line {error.lineno} of the {name} template: {error.message}") from error


def _rendered(template: Template, row: dict[str, Any]) -> str:
    from jinja2 import TemplateError

    try:
        text = template.render(row)
    except TemplateError as error:
        columns = ", ".join(map(str, row)) or "none"
        raise RowError(f"the template cannot be filled in: {error.message}; columns: {columns}") from error
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # of what a template computes
        raise RowError(f"the template cannot be filled in: {error}") from error
    if not text.strip():
        raise RowError("the template gives an empty text for this row")
    return text


def _all(row: dict[str, Any], columns: tuple[str, ...]) -> list[Any]:
    """Return what stands in columns, each one value or a list; nothing for an empty one."""
    found: list[Any] = []
    for column in columns:
        if column not in row:
            raise RowError(f"there is no column {column!r}; columns: {', '.join(map(str, row))}")
        value = row[column]
        found += value if isinstance(value, list) else [] if value in (None, "") else [value]
    return found


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise RowError(f"max_tokens must be a whole number; got {value!r}") from None


def _taken_apart(row: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the messages of a row that holds the parameters of a request, and its other parameters as options."""
    params = row.get("params") if isinstance(row, dict) else None
    if not isinstance(params, dict):
        raise RowError("there is no object 'params' in it")
    if not isinstance(params.get("messages"), list) or not params["messages"]:
        raise RowError("its params have no messages")
    return params["messages"], {name: value for name, value in params.items() if name not in ("messages", "stream")}
