"""The rows, a module a topic."""

from __future__ import annotations

from contract.row import Row
from contract.rows import (
    answers,
    batches,
    cache_marks,
    context,
    counting,
    fields,
    media,
    models,
    refusals,
    structure,
    substitutes,
    thinking,
    tools,
    versions,
)

MODULES = (
    models, versions, fields, refusals, cache_marks, batches, media, tools, thinking, counting, structure, context,
    substitutes, answers,
)  # fmt: skip
ROWS: tuple[Row, ...] = tuple(row for module in MODULES for row in module.ROWS)
