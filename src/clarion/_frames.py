"""What the API adds around texts, in tokens, by generation of the tokenizer.

Nobody publishes the frames: they were read off recorded usage (2025 and 2026). They drift on the server.
"""

from __future__ import annotations

from typing import Final

# of a request, of each further message, and of tools where the model's own is not known: (by choice, forced)
REQUEST: Final = {"new": 6, "old": 7}
MESSAGE: Final = {"new": 2.5, "old": 3}
TOOLS: Final = {"new": (354, 474), "old": (497, 589)}

THINKING: Final = {"enabled": 28, "adaptive": 17}  # by type

# tools that the API describes to the model by itself, by how their type begins
KNOWN_TOOLS: Final = {
    "bash_": {"new": 325, "old": 244},
    "text_editor_": {"new": 700, "old": 700},
    "computer_toolset_": {"new": 4500, "old": 4500},
    "browser_toolset_": {"new": 6600, "old": 6600},
}

MOST_OF_AN_IMAGE: Final = {"new": 4784, "old": 1568}

PDF_PAGE = 3800  # its text (1,500 to 3,000 tokens) and its image
BYTES_PER_PDF_PAGE = 50_000  # where the pages cannot be counted

# relative errors
FRAME_ERROR = 0.2
JSON_ERROR = 0.15  # tools, calls and schemas: how the API writes them out for the model is not known
MEDIA_ERROR = 0.5
TOLD_MEDIA_ERROR = 0.02  # where the caller says what it is
