"""Exchanges and the state of an emulator as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion.emulator.exchange import cost_of

if TYPE_CHECKING:
    from clarion.emulator.exchange import Answer, Exchange
    from clarion.emulator.scenario.run import Run
    from clarion.emulator.state import State
    from clarion.emulator.verdict import Finding

__all__ = ["clock", "detail", "finding", "oldest", "standing", "state", "summary"]

MOST_TEXT = 256 * 1024  # bytes shown of a body that is no JSON, such as an upload
GLIMPSE = 160  # characters of the user's text that a list shows
INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def summary(exchange: Exchange) -> dict[str, Any]:
    """Return what a list shows of an exchange. Tokens and US dollars are None where the answer reports none."""
    asked, answer = exchange.json, exchange.response
    data = answer.json if answer.is_stream or answer.status != 200 or exchange.path.startswith("/v1/messages") else None
    told = _fields(data)
    usage = _fields(told.get("usage"))
    return {
        "number": exchange.number,
        "at": exchange.at.isoformat(timespec="milliseconds"),
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "model": exchange.model,
        "stream": bool(asked.get("stream")) if isinstance(asked, dict) else False,
        "text": _glimpse(exchange, asked),
        "status": answer.status,
        "outcome": outcome(answer),
        "error": _fields(told.get("error")).get("type"),
        "stop_reason": told.get("stop_reason"),
        "input_tokens": _input(usage) if usage else told.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "cost": _cost(told),
        "seconds": round(exchange.seconds, 6),
        "step": exchange.step,
    }


def outcome(answer: Answer) -> str:
    """Return how an exchange has ended: `open`, `done`, `reset`, `closed` by the emulator, or `left` by the client."""
    if answer.lost is not None:
        return "reset" if answer.lost.is_reset else "closed"
    if answer.is_complete:
        return "done"
    return "open" if answer.is_open else "left"


def detail(exchange: Exchange) -> dict[str, Any]:
    """Return all there is of an exchange. Bodies that are no JSON are given as text, the beginning of it."""
    answer = exchange.response
    return summary(exchange) | {
        "request": {"headers": exchange.headers, "body": _body(exchange.json, exchange.body)},
        "response": {
            "headers": dict(answer.headers),
            "body": _body(answer.json, answer.body),
            "events": answer.events,
            "delays": answer.delays,
        },
    }


def clock(state: State) -> dict[str, Any]:
    """Return the emulator's time and the seconds it is ahead."""
    return {"now": state.clock().isoformat(timespec="milliseconds"), "ahead": state.clock.shift}


def oldest(state: State) -> int:
    """Return the number of the oldest exchange that is kept; the next one's if none is."""
    kept = state.log[:1]
    return kept[0].number if kept else state.log.opened + 1


def state(state: State) -> dict[str, Any]:
    """Return what the emulator is set to, and where it stands."""
    settings = state.settings
    return {
        "clock": clock(state),
        "settings": {
            "profile": settings.profile,
            "seed": settings.seed,
            "first_token_delay": settings.pace.first_token_delay,
            "tokens_per_second": settings.pace.tokens_per_second,
        },
        "requests": {
            "seen": state.log.opened,
            "revision": state.log.revision,
            "kept": len(state.log),
            "oldest": oldest(state),
        },
        "limits": state.limiter.left(state.clock()),
        "spent": float(state.limiter.spent(state.clock())),
        "batches": len(state.batches.newest_first()),
        "files": len(state.files.newest_first(state.clock())),
        "scenario": _scenario(state.script),
    }


def standing(run: Run) -> dict[str, Any]:
    """Return how a scenario stands, in short: its steps, and how many of them some call has taken."""
    steps = len(run.accounts)
    return {"name": run.scenario.name, "on": run.is_on, "steps": steps, "taken": steps - len(run.unused)}


def finding(one: Finding) -> dict[str, Any]:
    """Return something a client should not have done."""
    return {"code": one.code, "sentence": one.sentence, "requests": list(one.calls), "source": one.source}


def _scenario(run: Run) -> dict[str, Any]:
    accounts = run.accounts
    return {
        "name": run.scenario.name,
        "about": run.scenario.about,
        "on": run.is_on,
        "steps": [{"rule": one.rule, "step": str(one.step), "taken": one.taken} for one in accounts],
    }


def _fields(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _input(usage: dict[str, Any]) -> int:
    counts = (usage.get(name) for name in INPUT)
    return sum(count for count in counts if isinstance(count, int))


def _cost(told: dict[str, Any]) -> float | None:
    dollars = cost_of(told)
    return None if dollars is None else float(dollars)


def _glimpse(exchange: Exchange, asked: object) -> str:
    """Return the beginning of what the user said, and what else the last message holds: `[image] What is odd here?`."""
    messages = asked.get("messages") if isinstance(asked, dict) else None
    last = messages[-1] if isinstance(messages, list) and messages and isinstance(messages[-1], dict) else {}
    content = last.get("content")
    kinds = (
        {block.get("type"): None for block in content if isinstance(block, dict)} if isinstance(content, list) else {}
    )
    others = [f"[{kind}]" for kind in kinds if kind != "text"]
    return " ".join([*others, exchange.text[:GLIMPSE]]).strip()


def _body(data: object, raw: bytes) -> object:
    return data if data is not None or not raw else raw[:MOST_TEXT].decode(errors="replace")
