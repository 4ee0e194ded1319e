"""Clarion: the production layer between a Python program and Anthropic's Claude.

The public names are resolved on first use, so that importing Clarion costs nothing that is not used: neither the SDK,
nor Pillow, nor a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion._names import finder

if TYPE_CHECKING:
    from clarion._breaker import CircuitBreaker
    from clarion._budget import Budget
    from clarion._catalog import Catalog, Model
    from clarion._completion import Completion, ToolCall
    from clarion._config import ClaudeConfig
    from clarion._conversation import (
        AsyncConversation,
        Conversation,
        Conversations,
        ConversationTurn,
        Found,
        StoredConversation,
    )
    from clarion._cost import Cost
    from clarion._digest import Citation, Digest, DigestEstimate, DigestPiece, DigestProgress, Statement
    from clarion._errors import (
        AdjustmentWarning,
        AnswerError,
        BatchError,
        BudgetExceeded,
        CircuitOpenError,
        ClarionError,
        ConversationError,
        ConversationFullError,
        ConversationMovedError,
        ConversationStoreError,
        DeadlineError,
        DigestError,
        DigestStopped,
        DigestStoreError,
        InvalidPromptError,
        InvalidSettingError,
        LedgerError,
        LimitError,
        MediaError,
        MissingCredentialsError,
        NotAMessageError,
        RefusalError,
        RoundLimitError,
        StreamInterrupted,
        SyncInEventLoopError,
        UnfinishedStreamError,
        UnfitRequestError,
    )
    from clarion._fit import Adjustment
    from clarion._ledger import Ledger, UsageRow
    from clarion._mcp import MCPServerError, MCPTools
    from clarion._media import Document, Image
    from clarion._output import OutputError
    from clarion._pacing import Limits
    from clarion._repair import Ailment, Repaired, repair
    from clarion._retry import Attempt, RetryPolicy
    from clarion._service import AsyncClaudeService, ClaudeService
    from clarion._settings import Settings
    from clarion._stepping import TurnStep
    from clarion._stream import AsyncCompletionStream, CompletionStream
    from clarion._telemetry import Telemetry
    from clarion._tokens import Estimate
    from clarion._tools import (
        Allow,
        Deny,
        Edit,
        InterruptTurn,
        ToolDefinitionError,
        ToolError,
        ToolInputError,
        UnsupportedSchemaError,
    )
    from clarion._tools.tool import Tool, tool
    from clarion._usage import Usage
    from clarion.bulk.errors import BadRowsError, JobError, JobStopped, JournalError
    from clarion.bulk.job import AsyncJob, Job
    from clarion.bulk.report import RowResult, Status

__version__ = "0.1.0"

_HOMES = {
    "_breaker": ("CircuitBreaker",),
    "_budget": ("Budget",),
    "_catalog": ("Catalog", "Model"),
    "_completion": ("Completion", "ToolCall"),
    "_config": ("ClaudeConfig",),
    "_conversation": (
        "AsyncConversation",
        "Conversation",
        "ConversationTurn",
        "Conversations",
        "Found",
        "StoredConversation",
    ),
    "_cost": ("Cost",),
    "_digest": ("Citation", "Digest", "DigestEstimate", "DigestPiece", "DigestProgress", "Statement"),
    "_errors": (
        "AdjustmentWarning",
        "AnswerError",
        "BatchError",
        "BudgetExceeded",
        "CircuitOpenError",
        "ClarionError",
        "ConversationError",
        "ConversationFullError",
        "ConversationMovedError",
        "ConversationStoreError",
        "DeadlineError",
        "DigestError",
        "DigestStopped",
        "DigestStoreError",
        "InvalidPromptError",
        "InvalidSettingError",
        "LedgerError",
        "LimitError",
        "MediaError",
        "MissingCredentialsError",
        "NotAMessageError",
        "RefusalError",
        "RoundLimitError",
        "StreamInterrupted",
        "SyncInEventLoopError",
        "UnfinishedStreamError",
        "UnfitRequestError",
    ),
    "_fit": ("Adjustment",),
    "_ledger": ("Ledger", "UsageRow"),
    "_mcp": ("MCPServerError", "MCPTools"),
    "_media": ("Document", "Image"),
    "_output": ("OutputError",),
    "_pacing": ("Limits",),
    "_repair": ("Ailment", "Repaired", "repair"),
    "_retry": ("Attempt", "RetryPolicy"),
    "_service": ("AsyncClaudeService", "ClaudeService"),
    "_settings": ("Settings",),
    "_stepping": ("TurnStep",),
    "_stream": ("AsyncCompletionStream", "CompletionStream"),
    "_telemetry": ("Telemetry",),
    "_tokens": ("Estimate",),
    "_tools": (
        "Allow",
        "Deny",
        "Edit",
        "InterruptTurn",
        "ToolDefinitionError",
        "ToolError",
        "ToolInputError",
        "UnsupportedSchemaError",
    ),
    "_tools.tool": ("Tool", "tool"),
    "_usage": ("Usage",),
    "bulk.errors": ("BadRowsError", "JobError", "JobStopped", "JournalError"),
    "bulk.job": ("AsyncJob", "Job"),
    "bulk.report": ("RowResult", "Status"),
}

__getattr__ = finder(__name__, _HOMES)

__all__ = [
    "Adjustment",
    "AdjustmentWarning",
    "Ailment",
    "Allow",
    "AnswerError",
    "AsyncClaudeService",
    "AsyncCompletionStream",
    "AsyncConversation",
    "AsyncJob",
    "Attempt",
    "BadRowsError",
    "BatchError",
    "Budget",
    "BudgetExceeded",
    "Catalog",
    "CircuitBreaker",
    "CircuitOpenError",
    "Citation",
    "ClarionError",
    "ClaudeConfig",
    "ClaudeService",
    "Completion",
    "CompletionStream",
    "Conversation",
    "ConversationError",
    "ConversationFullError",
    "ConversationMovedError",
    "ConversationStoreError",
    "ConversationTurn",
    "Conversations",
    "Cost",
    "DeadlineError",
    "Deny",
    "Digest",
    "DigestError",
    "DigestEstimate",
    "DigestPiece",
    "DigestProgress",
    "DigestStopped",
    "DigestStoreError",
    "Document",
    "Edit",
    "Estimate",
    "Found",
    "Image",
    "InterruptTurn",
    "InvalidPromptError",
    "InvalidSettingError",
    "Job",
    "JobError",
    "JobStopped",
    "JournalError",
    "Ledger",
    "LedgerError",
    "LimitError",
    "Limits",
    "MCPServerError",
    "MCPTools",
    "MediaError",
    "MissingCredentialsError",
    "Model",
    "NotAMessageError",
    "OutputError",
    "RefusalError",
    "Repaired",
    "RetryPolicy",
    "RoundLimitError",
    "RowResult",
    "Settings",
    "Statement",
    "Status",
    "StoredConversation",
    "StreamInterrupted",
    "SyncInEventLoopError",
    "Telemetry",
    "Tool",
    "ToolCall",
    "ToolDefinitionError",
    "ToolError",
    "ToolInputError",
    "TurnStep",
    "UnfinishedStreamError",
    "UnfitRequestError",
    "UnsupportedSchemaError",
    "Usage",
    "UsageRow",
    "__version__",
    "repair",
    "tool",
]


def __dir__() -> list[str]:
    return sorted(__all__)
