"""What a tool of an MCP server returned, as a tool of Clarion would return it.

Text stays text; images and PDF files become images and documents, fitted to the model later; for what the model cannot
take, such as sound, there is a note. A structured result is given as JSON where there is no other content: servers are
told to repeat it as text (MCP specification 2025-11-25, "Structured Content").
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from clarion._media import Document, Image
from clarion._media.kinds import image_format, is_pdf
from clarion._tools import ToolError

if TYPE_CHECKING:
    from mcp.types import CallToolResult, ContentBlock


def value_of(result: CallToolResult) -> Any:
    """Return what a result stands for. Raises ToolError, with the text of the server, for one that is an error."""
    parts = [_part(block) for block in result.content]
    if result.is_error:
        raise ToolError("\n".join(part for part in parts if isinstance(part, str)) or "The tool failed.")
    match parts:
        case []:
            return result.structured_content
        case [str(text)]:
            return text
    return [_text(part) if isinstance(part, str) else part for part in parts]


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text if text.strip() else "(empty)"}


def _part(block: ContentBlock) -> str | Image | Document:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return _file(block.data, f"{block.mime_type} data")
        case "resource_link":
            told = f": {block.description}" if block.description else ""
            return f"[resource {block.uri} ({block.title or block.name}){told}]"
        case "resource":
            content = block.resource
            if hasattr(content, "text"):
                return f"[resource {content.uri}]\n{content.text}"
            return _file(content.blob, f"resource {content.uri} ({content.mime_type or 'of unknown type'})")


def _file(data: str, name: str) -> str | Image | Document:
    """Return a file as what the model can take, or a note of what it is."""
    try:
        binary = base64.b64decode(data, validate=True)
    except binascii.Error:
        return f"[{name}: it is not base64 and was left out]"
    if image_format(binary):
        return Image(binary)
    if is_pdf(binary):
        return Document(binary)
    return f"[{name}, {len(binary):,} bytes: it cannot be shown here]"
