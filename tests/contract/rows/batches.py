"""What the items of a batch may not ask for, and what a batch may hold."""

from __future__ import annotations

from typing import Any

from contract.row import GOOD, OLD, about, formatted, like, ok, refused, shaped, tool

POLICY = {"type": "billing_policy", "bill_to": "user_profile"}


def item(custom_id: Any = "a", **fields: Any) -> dict[str, Any]:
    return {"custom_id": custom_id, "params": GOOD | fields}


ITEMS = (
    ok("an item", to="item"),
    ok("an item with tools", to="item", tools=[tool()]),
    ok("an item with a format", to="item", **formatted(shaped({"a": {"type": "string"}}))),
    ok("an item that thinks", to="item", model="claude-opus-5-5", thinking={"type": "adaptive"}),
    ok("an item in the US", to="item", inference_geo="us"),
    refused("a streamed item", like("stream"), to="item", stream=True),
    refused("a fast item", like("speed"), to="item", model="claude-opus-5-5", speed="fast"),
    refused("an item that warms the cache", like("max_tokens"), to="item", max_tokens=0),
    refused("an item with fallbacks", like("fallbacks"), to="item", model="claude-fable-5",
            betas="server-side-fallback-2026-07-01", fallbacks=[{"model": "claude-opus-5"}]),
    refused("an item that another pays for", like("billing_policy"), to="item", betas="user-profiles-2026-09-04",
            billing_policy=POLICY),
    refused("an item without max_tokens", "max_tokens: Field required", to="item", max_tokens=None),
    refused("an item for a retired model", "model: claude-2.1", status=404, to="item", model="claude-2.1"),
    refused("an item with a temperature", "temperature: Extra inputs are not permitted", to="item", temperature=1),
    ok("an old item with a temperature", to="item", version=OLD, model="claude-sonnet-4-6", temperature=0.2),
    refused("long output without its beta", like("max_tokens: 300000 > 128000"), to="item", max_tokens=300_000),
    ok("long output", to="item", betas="output-300k-2026-03-24", max_tokens=300_000),
    ok("long output of Opus 4.6", to="item", betas="output-300k-2026-03-24", model="claude-opus-4-6",
       max_tokens=300_000),
    refused("longer output", like("max_tokens: 300001 > 300000"), to="item", betas="output-300k-2026-03-24",
            max_tokens=300_001),
    refused("long output of Fable", like("max_tokens: 300000 > 128000"), to="item", model="claude-fable-5-2",
            betas="output-300k-2026-03-24", max_tokens=300_000),
    refused("long output of Haiku 4.5", like("max_tokens: 300000 > 64000"), to="item", model="claude-haiku-4-5",
            betas="output-300k-2026-03-24", max_tokens=300_000),
    refused("long output outside of batches", like("max_tokens: 300000 > 128000"), betas="output-300k-2026-03-24",
            max_tokens=300_000),
)  # fmt: skip
BATCHES = (
    ok("a batch", to="batches", requests=[item("a"), item("b-2_C")]),
    ok("a bad item in a batch that is accepted", to="batches", requests=[item(max_tokens=-1)]),
    refused("an empty batch", like("requests"), to="batches", requests=[]),
    refused("a batch of nothing", "requests: Field required", to="batches"),
    refused("a custom id twice", like("requests.1", "unique"), to="batches", requests=[item(), item()]),
    ok("a custom id of 64 characters", to="batches", requests=[item("a" * 64)]),
    refused("a custom id of 65", like("requests.0.custom_id", "{1,64}"), to="batches", requests=[item("a" * 65)]),
    refused("an empty custom id", like("requests.0.custom_id", "{1,64}"), to="batches", requests=[item("")]),
    refused("a custom id with a dot", like("requests.0.custom_id", "{1,64}"), to="batches", requests=[item("a.b")]),
    refused("an item without params", "requests.0.params: Field required", to="batches",
            requests=[{"custom_id": "a"}]),
    refused("an item without a custom id", "requests.0.custom_id: Field required", to="batches",
            requests=[{"params": GOOD}]),
)  # fmt: skip

ROWS = about("batches", *ITEMS, *BATCHES)
