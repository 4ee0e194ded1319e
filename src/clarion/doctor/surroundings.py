"""What a program would run in: the environment, the settings, the client, and what the API answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from clarion._catalog import Catalog
from clarion._errors import ClarionError
from clarion._sdk import Door, client
from clarion._settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from anthropic import Anthropic

    from clarion._catalog import Model
    from clarion._sdk import Answer


class Unavailable(Exception):
    """What a check needs is not there; another check says why."""


@dataclass(kw_only=True)
class Surroundings:
    """What is looked at. Everything is read when it is first asked for, and once.

    `environ` is the environment, `now` seconds since the epoch, `timeout` how many seconds the API may take for an
    answer. `jobs` are journals to look at; `deep` makes one paid call; `emulate` asks the emulator in this process.
    `free` tells how many bytes are free in a folder.
    """

    environ: Mapping[str, str]
    now: Callable[[], float]
    today: date
    free: Callable[[Path], int]
    timeout: float = 10.0
    jobs: tuple[Path, ...] = ()
    ledger: Path | None = None
    deep: bool = False
    emulate: bool = False
    _answers: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises InvalidSettingError."""
        return Settings.load(self.environ)

    @cached_property
    def usable_settings(self) -> Settings:
        """The settings, or the defaults where they cannot be read."""
        try:
            return self.settings
        except ClarionError:
            return Settings()

    @cached_property
    def catalog(self) -> Catalog:
        """The catalogue of models, or that which comes with Clarion where the user's own cannot be read."""
        try:
            return Catalog.load(self.usable_settings.catalog)
        except ClarionError:
            return Catalog.load()

    @property
    def model(self) -> Model | None:
        """The model that answers to what the settings name; None if it is not known."""
        return self.catalog.serving(self.usable_settings.config.model)

    @cached_property
    def is_emulated(self) -> bool:
        """Whether the emulator in this process answers."""
        return self.emulate or self.usable_settings.emulate

    @cached_property
    def client(self) -> Anthropic:
        """The SDK's client, as a service would have it. Raises what making it raises."""
        return client(api_key=None, base_url=None, emulate=self.is_emulated)

    def answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """Return what the API answers to a call, made once; what it raised, raised again.

        Raises Unavailable without credentials.
        """
        key = f"{method} {path}"
        if key not in self._answers:
            self._answers[key] = Unavailable("it has not answered yet")  # which is what others find, if it never does
            self._answers[key] = self._asked(method, path, body)
        came = self._answers[key]
        if isinstance(came, Exception):
            raise came
        return came  # type: ignore[no-any-return]  # what is no exception is an Answer

    def _asked(self, method: str, path: str, body: dict[str, Any] | None) -> Answer | Exception:
        try:
            made = self.client
        except Exception as error:  # noqa: BLE001 -- the SDK reads profiles, and runs what they name
            return Unavailable(str(error))
        try:
            return Door(made).probe(method, path, None if body is None else orjson.dumps(body), timeout=self.timeout)
        except Exception as error:  # noqa: BLE001 -- whatever a broken server or profile makes it raise is what is found
            return error
