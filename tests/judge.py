"""The emulator as a judge of those who are to keep its limits: it counts what it answers and refuses."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from clarion.emulator import Emulator, Limits, Response


class Judge(Emulator):
    """An emulator with limits, that says at `/stats` what it has seen."""

    def __init__(self, limits: Limits, **options: Any) -> None:
        super().__init__(limits=limits, **options)
        self.limits = limits
        self.statuses: Counter[int] = Counter()
        self.used = Counter({"requests": 0, "input_tokens": 0, "output_tokens": 0})
        self.first = self.last = 0.0

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        if path == "/stats":
            return Response(200, {"content-type": "application/json"}, orjson.dumps(self.stats()))
        self.first = self.first or time.monotonic()
        response = super().respond(method, path, headers, body)
        self.statuses[response.status] += 1
        if response.status == 200 and isinstance(response.body, bytes):
            self.last = time.monotonic()
            usage = orjson.loads(response.body)["usage"]
            self.used.update(requests=1, input_tokens=usage["input_tokens"], output_tokens=usage["output_tokens"])
        return response

    def stats(self) -> dict[str, float]:
        """What it has answered and refused, and the share of its limits that was used."""
        answered = self.used["requests"]
        return {"answered": answered, "refused": self.statuses[429], "share": self.share if answered else 0.0}

    @property
    def share(self) -> float:
        """The least time that what was answered could have taken, from full buckets, as a share of what it took."""
        limits = {name: getattr(self.limits, name) for name in self.used}
        least = max((self.used[name] / limit - 1) * 60 for name, limit in limits.items() if limit)
        return float(max(0.0, least) / (self.last - self.first))
