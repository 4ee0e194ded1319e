"""Tools that run on the server: their calls, their results, and the pause when there were too many.

    call, result, call, result ... and the answer goes on, or stops with `pause_turn` at a call without a result

What a tool gives back is made up, but in the form of the API. A turn that was paused goes on where it stopped when
its blocks come back at the end of the conversation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clarion.emulator.answer import machine, webpages
from clarion.emulator.answer.citing import sentences
from clarion.emulator.answer.fitting import share, stems
from clarion.emulator.answer.question import SERVER_USE
from clarion.emulator.answer.thoughts import progress
from clarion.emulator.call import kind_of
from clarion.emulator.message import Block, ServerResult, ServerToolUse

if TYPE_CHECKING:
    from clarion.emulator.answer.citing import Passage
    from clarion.emulator.answer.question import Question

__all__ = ["Run", "run"]

Tool = dict[str, Any]

LIMIT = 10  # calls in one answer
MOST = 60  # calls in one turn, however many were asked for
TIMES = re.compile(r"\b(\d{1,2}) (?:web )?(?:times|searches|steps|rounds)\b")
WEB_SEARCH, WEB_FETCH, CODE = "web_search_", "web_fetch_", "code_execution_"
WORDS = {  # that call for a tool, by how its type begins
    WEB_SEARCH: "web search online latest news",
    WEB_FETCH: "",
    CODE: "code execute compute calculate python bash shell script",
}


@dataclass(slots=True)
class Run:
    """What tools of the server added to an answer."""

    blocks: list[Block] = field(default_factory=list)
    findings: list[Passage] = field(default_factory=list)
    is_paused: bool = False
    searches: int = 0
    fetches: int = 0
    container: dict[str, Any] | None = None


def run(asked: Question) -> Run:
    """Finish the calls that wait for a result, and run the tools of the server that the prompt calls for.

    Once the client's tools have answered nothing more is run.
    """
    done = Run()
    before = [block for block in asked.since if block["type"] == SERVER_USE]
    for block in asked.waiting:
        _finish(asked, done, ServerToolUse.of(block["id"], block["name"], block["input"]), len(before) - 1)
    if asked.is_answered or asked.prefill:
        return done
    wanted = [tool for tool in _wanted(asked) for _ in range(_times(asked.words))][:MOST]
    for number, tool in enumerate(wanted[len(before) :], len(before)):
        if done.blocks:
            done.blocks.append(progress(asked, f"[emulated] Step {number} is done; I go on with `{tool['name']}`."))
        use = _use(asked, tool, number)
        done.blocks.append(use)
        if sum(isinstance(block, ServerResult) for block in done.blocks) == LIMIT:
            done.is_paused = True
            return done
        _finish(asked, done, use, number)
    return done


def _wanted(asked: Question) -> list[Tool]:
    """Return the tools to run: those the words call for, or the first where one must be and all are the server's."""
    call = asked.call
    hosted = [tool for tool in call.tools if _kind(tool)]
    if call.choice == "none":
        return []
    if call.choice == "tool":
        return [tool for tool in hosted if tool["name"] == call.body["tool_choice"]["name"]]
    said = stems(asked.words)
    wanted = [tool for tool in hosted if _is_called_for(asked, tool, said)]
    return wanted or (hosted[:1] if call.choice == "any" and len(hosted) == len(call.tools) else [])


def _kind(tool: Tool) -> str | None:
    return next((start for start in WORDS if kind_of(tool).startswith(start)), None)


def _is_called_for(asked: Question, tool: Tool, said: set[str]) -> bool:
    kind = _kind(tool)
    if kind == WEB_FETCH:
        return webpages.address(asked.words) is not None
    return bool(stems(WORDS[kind or ""]) & said) or share(tool["name"], said) == 1


def _times(words: str) -> int:
    match = TIMES.search(words)
    return max(1, int(match.group(1))) if match else 1


def _use(asked: Question, tool: Tool, number: int) -> ServerToolUse:
    kind: str = tool["type"]
    query = " ".join(asked.words.split())[:80] or "anything"
    name = tool["name"]
    if kind.startswith(WEB_SEARCH):
        arguments = {"query": query if not number else f"{query} {number + 1}"}
    elif kind.startswith(WEB_FETCH):
        arguments = {"url": webpages.address(asked.words) or f"https://example.com/{number + 1}"}
    else:
        name, arguments = machine.commanded(kind, query, number)
    return ServerToolUse.of(asked.id("srvtoolu"), name, arguments)


def _finish(asked: Question, done: Run, use: ServerToolUse, number: int) -> None:
    """Add the result of a call."""
    tool = next((tool for tool in asked.call.tools if _runs(tool, use.name)), {})
    is_over = number >= (tool.get("max_uses") or MOST)
    if use.name == "web_search":
        content: Any = {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
        if not is_over:
            content = webpages.found(tool, str(use.input.get("query", "")))
            done.findings += webpages.cited(tool, str(use.input.get("query", "")))
            done.searches += 1
    elif use.name == "web_fetch":
        content = {"type": "web_fetch_tool_result_error", "error_code": "max_uses_exceeded"}
        if not is_over:
            content = webpages.fetched(tool, str(use.input.get("url", "")), asked.words, asked.now)
            done.findings += _read(asked, content, done.fetches)
            done.fetches += 1
    else:
        content = machine.executed(asked, use)
        done.container = machine.container(asked)
    done.blocks.append(ServerResult(f"{use.name}_tool_result", use.id, content))


def _read(asked: Question, content: dict[str, Any], before: int) -> list[Passage]:
    """Return what is cited of a page that was fetched: it is a document after those of the request."""
    document = content.get("content") or {}
    if not (document.get("citations") or {}).get("enabled"):
        return []
    index = sum(block["type"] == "document" for _, block in asked.call.blocks()) + before
    about = {"document_index": index, "document_title": document["title"]}
    return list(sentences(document["source"]["data"], document["title"], about))[:1]


def _runs(tool: Tool, name: str) -> bool:
    """Tell whether a call of this name is one of the tool's."""
    kind = kind_of(tool)
    return kind.startswith(f"{name}_") or (kind.startswith(CODE) and name.endswith("code_execution"))
