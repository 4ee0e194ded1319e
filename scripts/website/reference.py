"""The pages of the reference: which public names stand on which page. Their texts are the docstrings."""

from __future__ import annotations

from typing import NamedTuple

import clarion


class Page(NamedTuple):
    """A page of the reference: its title, a sentence, and the names on it, by their full paths; then whole modules."""

    title: str
    about: str
    names: tuple[str, ...]
    modules: tuple[str, ...] = ()


def _of(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{module}.{name}" for name in names)


PAGES = {
    "reference-services.md": Page(
        "Services",
        "How to ask, and with what settings. Guides: [turns](turns.md), [fitting](fitting.md).",
        _of(
            "clarion",
            "ClaudeService",
            "AsyncClaudeService",
            "ClaudeConfig",
            "Settings",
            "RetryPolicy",
            "CircuitBreaker",
            "Telemetry",
            "Catalog",
            "Model",
        ),
    ),
    "reference-answers.md": Page(
        "Answers",
        "What comes back. Guides: [turns](turns.md), [costs](cost.md).",
        _of(
            "clarion",
            "Completion",
            "CompletionStream",
            "AsyncCompletionStream",
            "TurnStep",
            "ToolCall",
            "Usage",
            "Cost",
            "Adjustment",
            "Attempt",
            "Estimate",
        ),
    ),
    "reference-prompts.md": Page(
        "Images, documents, tools",
        "What a prompt may have in it. Guides: [media](media.md), [tools](tools.md).",
        _of("clarion", "Image", "Document", "tool", "Tool", "Allow", "Deny", "Edit", "MCPTools"),
    ),
    "reference-conversations.md": Page(
        "Conversations",
        "Guides: [conversations](conversations.md), [broken histories](repair.md).",
        _of(
            "clarion",
            "Conversation",
            "AsyncConversation",
            "ConversationTurn",
            "Conversations",
            "StoredConversation",
            "Found",
            "repair",
            "Repaired",
            "Ailment",
        ),
    ),
    "reference-digest.md": Page(
        "Long documents",
        "Guide: [digests](digest.md).",
        _of("clarion", "Digest", "Statement", "Citation", "DigestPiece", "DigestEstimate", "DigestProgress"),
    ),
    "reference-bulk.md": Page(
        "Bulk jobs",
        "Guides: [bulk](bulk.md), [pacing](pacing.md).",
        (
            *_of("clarion", "Job", "AsyncJob", "Status", "RowResult", "Limits"),
            *_of("clarion.bulk", "Exported", "Forecast", "Variant"),
        ),
    ),
    "reference-money.md": Page(
        "Ledger and budgets", "Guide: [costs](cost.md).", _of("clarion", "Ledger", "UsageRow", "Budget")
    ),
    "reference-emulator.md": Page(
        "Emulator",
        "Guides: [the emulator](emulator.md), [scenarios](scenarios.md), [testing](testing.md).",
        _of(
            "clarion.emulator",
            "Emulator",
            "Server",
            "serve",
            "Limits",
            "Ramp",
            "SpendLimits",
            "EmulatorTransport",
            "AsyncEmulatorTransport",
            "Response",
            "Chunk",
            "ConnectionLost",
        ),
        (*_of("clarion.emulator", "script", "scenario", "recording", "verdict"), "clarion.testing"),
    ),
}


def pages() -> dict[str, str]:
    """Each page's name and text."""
    return {name: _text(page) for name, page in PAGES.items()}


def problems() -> list[str]:
    """The public names of clarion that stand on no page. Errors have a page of their own."""
    placed = {name for page in PAGES.values() for name in page.names}
    names = sorted(set(clarion.__all__) - {"__version__"})
    return [
        f"clarion.{name} is not in the reference: put it on a page in {__file__}"
        for name in names
        if f"clarion.{name}" not in placed and not _is_error(name)
    ]


def _is_error(name: str) -> bool:
    value = getattr(clarion, name)
    return isinstance(value, type) and issubclass(value, Exception)


def _text(page: Page) -> str:
    names = (f"\n::: {name}\n" for name in page.names)
    modules = (f"\n::: {name}\n    options:\n      show_root_full_path: true\n" for name in page.modules)
    return f"# {page.title}\n\n{page.about}\n" + "".join((*names, *modules))
