"""What can go wrong in Clarion itself. Errors of the API keep the SDK's types and pass through.

ClarionError
├── MissingCredentialsError     no way to authenticate was found
├── InvalidSettingError         a setting or an option has a value that cannot be
├── InvalidPromptError          a prompt that cannot become messages
│   └── MediaError              an image or a document that cannot be read or sent
├── UnfitRequestError           a request that its model would refuse, and that may not be adjusted
├── LimitError                  a request that would go over a limit of the caller's, in tokens or money
│   └── BudgetExceeded          a call that a budget per day or month does not allow
├── LedgerError                 a ledger that cannot be opened, read or written
├── DeadlineError               a turn that was not over in time
├── SyncInEventLoopError        a blocking call where it would stop an event loop
├── UnfinishedStreamError       a completion was asked of a stream before its end
├── CircuitOpenError            a model has failed too often, and is left alone for a while
├── RefusalError                the model refused, and there was no other to ask
├── ToolDefinitionError         a function or a schema that cannot be a tool, or two tools of one name
├── UnsupportedSchemaError      a type or a schema that an answer cannot be held to
├── ToolError                   raised by a tool on purpose: its text is for the model
│   └── ToolInputError          the input of a call does not fit its tool
├── InterruptTurn               raised by a tool or an `approve` hook to stop the turn
│   └── MCPServerError          an MCP server that cannot be reached, or has gone
├── OutputError                 the answer is not what `output_type` describes
├── RoundLimitError             the model went on calling tools
├── AnswerError                 the server answered, but not with a finished message
│   ├── NotAMessageError        status 200 and a body that is no message
│   └── StreamInterrupted       a stream that failed or ended before `message_stop`
├── ConversationError           a conversation that cannot go on as it was asked to
│   ├── ConversationFullError   the next turn would not fit the context window
│   ├── ConversationMovedError  somebody else added to it while a turn was answered
│   └── ConversationStoreError  the file it is kept in cannot be read or written
├── DigestError                 a digest that cannot be made
│   ├── DigestStopped           it stopped before its end; what was read is kept
│   └── DigestStoreError        the file it is kept in cannot be used, or another process works on it
├── BatchError                  some prompts of a batch failed, and the caller asked to be told
└── JobError                    a job that cannot be worked on (clarion.bulk)
    ├── JournalError            its file cannot be read or written; what it has recorded is still there
    ├── BadRowsError            rows that cannot be asked, found before anything was paid
    ├── RowError                one row that cannot become a request
    └── JobStopped              going on would not have helped; what was done is recorded

AdjustmentWarning, a UserWarning, tells of a request that was changed to fit its model.
"""

from __future__ import annotations

from clarion._errors.answer import (
    AnswerError,
    BatchError,
    DeadlineError,
    NotAMessageError,
    RefusalError,
    RoundLimitError,
    StreamInterrupted,
    UnfinishedStreamError,
)
from clarion._errors.conversation import (
    ConversationError,
    ConversationFullError,
    ConversationMovedError,
    ConversationStoreError,
)
from clarion._errors.digest import DigestError, DigestStopped, DigestStoreError
from clarion._errors.request import (
    AdjustmentWarning,
    BudgetExceeded,
    CircuitOpenError,
    InvalidPromptError,
    InvalidSettingError,
    LedgerError,
    LimitError,
    MediaError,
    MissingCredentialsError,
    SyncInEventLoopError,
    UnfitRequestError,
)
from clarion._errors.root import ClarionError

__all__ = [
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
]
