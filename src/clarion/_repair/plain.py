"""Whatever a user holds, as plain data that JSON has: the same object where it is that already."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

DEEPEST = 100  # containers within each other; orjson stops at 254
LEAST, MOST = -(2**63), 2**64 - 1  # whole numbers that orjson writes


class Plainness:
    """Makes data plain, and remembers whether that lost anything."""

    def __init__(self) -> None:
        self.is_lossy = False
        self._above: set[int] = set()

    def of(self, value: Any) -> Any:
        """Return a value as plain data."""
        match value:
            case None | bool():
                return value
            case str():
                return value if value.isascii() else self._text(value)
            case int():
                return value if LEAST <= value <= MOST else self._lost(str(value))
            case float():
                return value if math.isfinite(value) else self._lost(None)
        if id(value) in self._above or len(self._above) >= DEEPEST:
            return self._lost("[left out: too deep]")
        self._above.add(id(value))
        try:
            return self._container(value)
        finally:
            self._above.discard(id(value))

    def _container(self, value: Any) -> Any:
        match value:
            case dict():
                made = {self._key(key): self.of(item) for key, item in value.items()}
                same = len(made) == len(value) and all(made.get(k) is v for k, v in value.items())
                return value if same else made
            case list():
                items = [self.of(item) for item in value]
                return value if all(new is old for new, old in zip(items, value, strict=True)) else items
            case Mapping():
                return {self._key(key): self.of(item) for key, item in value.items()}
            case bytes() | bytearray():
                return self._lost(bytes(value).decode("utf-8", "replace"))
            case Sequence() | Set():
                return [self.of(item) for item in value]
            case Decimal():
                return self.of(float(value))
        return self._object(value)

    def _object(self, value: Any) -> Any:
        for method in ("to_dict", "model_dump"):  # SDK objects, other pydantic models
            if not isinstance(value, type) and callable(getattr(value, method, None)):
                try:
                    return self.of(getattr(value, method)())
                except Exception:  # noqa: BLE001 -- a stranger's code
                    return self._lost(None)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: self.of(getattr(value, field.name, None)) for field in dataclasses.fields(value)}
        try:
            return self._lost(self._text(str(value)))
        except Exception:  # noqa: BLE001 -- a stranger's code
            return self._lost(None)

    def _key(self, key: Any) -> str:
        self.is_lossy |= not isinstance(key, str)
        return self._text(str(key))

    def _text(self, text: str) -> str:
        """Return a text that UTF-8 can write: halves of a pair are joined, lone ones replaced."""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.is_lossy = True
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text

    def _lost(self, value: Any) -> Any:
        self.is_lossy = True
        return value
