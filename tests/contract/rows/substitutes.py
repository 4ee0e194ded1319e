"""Fallback models, fast mode, service tiers and geography."""

from __future__ import annotations

from typing import Any

from contract.row import about, assistant, like, ok, refused, text, user

NEWER, OLDER = "server-side-fallback-2026-07-01", "server-side-fallback-2026-06-01"
FAST = "fast-mode-2026-02-01"
FABLE, SONNET, HAIKU = "claude-fable-5", "claude-sonnet-5-5", "claude-haiku-5-5"


def to(*models: str, **fields: Any) -> dict[str, Any]:
    return {"fallbacks": [{"model": model, **fields} for model in models]}


HANDED_OVER = {"type": "fallback", "from": {"model": FABLE}, "to": {"model": "claude-opus-5"}}
FALLBACKS = (
    ok("a fallback", betas=NEWER, model=FABLE, **to("claude-opus-5")),
    ok("a fallback under the older beta", betas=OLDER, model=FABLE, **to("claude-opus-5")),
    ok("two fallbacks", betas=NEWER, model=FABLE, **to("claude-opus-5", "claude-opus-4-8")),
    ok("no fallbacks", betas=NEWER, model=FABLE, fallbacks=None),
    ok("the default", betas=NEWER, model=FABLE, fallbacks="default"),
    refused("the default under the older beta", like("fallbacks: Input should be a valid list"), betas=OLDER,
            model=FABLE, fallbacks="default"),
    refused("another word", like("fallbacks: Input should be a valid list"), betas=NEWER, model=FABLE,
            fallbacks="cheapest"),
    refused("four fallbacks", like("fallbacks: List should have at most 3 items"), betas=NEWER,
            model="claude-fable-5-2",
            **to("claude-opus-5-5", "claude-opus-5", "claude-opus-4-8", "claude-opus-4-7")),
    refused("a beta of another day", "fallbacks: Extra inputs are not permitted",
            betas="server-side-fallback-2026-08-01", model=FABLE, **to("claude-opus-5")),
    refused("a fallback that is not permitted", like("fallbacks.0.model", "claude-sonnet-5-5"), betas=NEWER,
            model=FABLE, **to("claude-sonnet-5-5")),
    ok("the fallback of Sonnet 5.5", betas=NEWER, model=SONNET, **to("claude-sonnet-5")),
    refused("another fallback of Sonnet 5.5", like("fallbacks.0.model"), betas=NEWER, model=SONNET,
            **to("claude-opus-5")),
    refused("a fallback of Haiku 5.5", like("fallbacks"), betas=NEWER, model=HAIKU, **to("claude-sonnet-5")),
    ok("the default of Haiku 5.5, which is none", betas=NEWER, model=HAIKU, fallbacks="default"),
    refused("a retired fallback", like("fallbacks.0.model"), betas=NEWER, model="claude-fable-5-2", **to("claude-2.1")),
    ok("a fallback with changes", betas=NEWER, model=FABLE, **to(
        "claude-opus-5", max_tokens=500, thinking={"type": "disabled"}, output_config={"effort": "low"})),
    refused("a fallback with thinking it has not", like("fallbacks.0", '"thinking.type.enabled" is not supported'),
            betas=NEWER, model=FABLE,
            **to("claude-opus-5", thinking={"type": "enabled", "budget_tokens": 1024}, max_tokens=2000)),
    refused("a fallback with too many tokens", like("fallbacks.0", "max_tokens: 200000 > 128000"), betas=NEWER,
            model=FABLE, **to("claude-opus-5", max_tokens=200_000)),
    refused("a fallback with another field", "fallbacks.0.system: Extra inputs are not permitted", betas=NEWER,
            model=FABLE, **to("claude-opus-5", system="x")),
    refused("a fallback beside a credit", like("fallback_credit_token"), model=FABLE,
            betas=f"{NEWER},fallback-credit-2026-07-01", fallback_credit_token="credit_1", **to("claude-opus-5")),
    refused("a fallback beside a credit that is empty", like("fallback_credit_token"), model=FABLE,
            betas=f"{NEWER},fallback-credit-2026-07-01", fallback_credit_token="", **to("claude-opus-5")),
    ok("a credit in an object", betas="fallback-credit-2026-07-01",
       fallback_credit_token={"token": "credit_1", "mode": "best_effort"}),
    ok("a fallback sent back", betas=NEWER, messages=[user("Hi"), assistant(HANDED_OVER, text("Hello")), user("And?")]),
    refused("a fallback sent back without its beta", like("messages.1.content.0: Input tag 'fallback'"),
            messages=[user("Hi"), assistant(HANDED_OVER, text("Hello")), user("And?")]),
    refused("a credit in an object under the older beta", like("fallback_credit_token: Input should be a valid string"),
            betas="fallback-credit-2026-06-01", fallback_credit_token={"token": "credit_1"}),
)  # fmt: skip
SPEED = (
    *(ok(f"fast {model}", model=model, speed="fast") for model in ("claude-opus-5-5", "claude-fable-5-2")),
    *(ok(f"fast {model} by its beta", betas=FAST, model=model, speed="fast")
      for model in ("claude-opus-5", "claude-opus-4-8")),
    *(refused(f"fast {model} without its beta", like("speed"), model=model, speed="fast")
      for model in ("claude-opus-5", "claude-opus-4-8")),
    refused("standard speed of a model whose speeds need a beta", like("speed"), model="claude-opus-5",
            speed="standard"),
    ok("Opus 4.6 runs at standard speed all the same", model="claude-opus-4-6", speed="fast"),
    *(refused(f"fast {model}", like("speed"), model=model, speed="fast")
      for model in ("claude-opus-4-7", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1",
      "claude-sonnet-4-6")),
    refused("fast Opus 4.7 even with the beta", like("speed"), betas=FAST, model="claude-opus-4-7", speed="fast"),
    ok("standard speed", speed="standard"),
)  # fmt: skip
PLACES = (
    *(ok(f"in {geo}", inference_geo=geo) for geo in ("us", "global")),
    refused("in the EU", like("inference_geo"), inference_geo="eu"),
    refused("anywhere, on a model that runs where it runs", like("inference_geo"), model="claude-opus-4-5",
            inference_geo="global"),
    *(ok(f"the tier {tier}", service_tier=tier) for tier in ("auto", "standard_only")),
)  # fmt: skip

ROWS = about("fallbacks, speed and geography", *FALLBACKS, *SPEED, *PLACES)
