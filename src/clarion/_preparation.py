"""From a prompt to a request: images and documents are read and fitted to the model that will see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarion._fit import Adjustment
from clarion._prompt import images_in, parts_of, with_blocks
from clarion._request import Request
from clarion._tools import Toolbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarion._catalog import Catalog, Model
    from clarion._config import ClaudeConfig
    from clarion._prompt import Message, Part
    from clarion._tools.results import Render

Block = dict[str, Any]


def prepared(messages: list[Message], config: ClaudeConfig, catalog: Catalog) -> Request:
    """Return the request of messages as they were drafted. Reads files; raises MediaError."""
    images, parts, toolbox = images_in(messages), parts_of(messages), Toolbox(config.tools)
    if not images and not parts:
        return Request(messages=tuple(messages), config=config, toolbox=toolbox)
    from clarion._media import Image, prepare, refitted, tier_of
    from clarion._media.sizes import most_px

    model = catalog.serving(config.model)
    together = images + sum(isinstance(part, Image) for part in parts)
    tier = tier_of(model.image_tier if model else None).for_many(together)
    messages, resized = _refitted(messages, lambda block: refitted(block, tier, most_px=most_px(together)))
    blocks = prepare(parts, tier, max_pages=model.pdf_pages if model else None)
    adjustments = (_resized(resized, most_px(together)),) if resized else ()
    messages = with_blocks(messages, blocks)
    return Request(messages=tuple(messages), config=config, toolbox=toolbox, adjustments=adjustments)


def rendering(model: Model | None, messages: list[Message]) -> Render:
    """Return what makes blocks of the images and documents in results of tools, for a model, after these messages.

    It reads files; an image that somebody made a block of is made anew only if the API would refuse it.
    """

    def render(value: Part | Block) -> Block:
        from clarion._media import fitted, refitted, tier_of
        from clarion._media.sizes import most_px

        images = images_in(messages) + 1
        tier = tier_of(model.image_tier if model else None).for_many(images)
        if isinstance(value, dict):
            return refitted(value, tier, most_px=most_px(images)) or value
        return fitted(value, tier, max_pages=model.pdf_pages if model else None)

    return render


def _refitted(messages: list[Message], refit: Callable[[Block], Block | None]) -> tuple[list[Message], int]:
    """Return the messages with the image blocks that `refit` makes anew, and how many those are."""
    resized = 0

    def walked(block: Any) -> Any:
        nonlocal resized
        match block:
            case {"type": "image"}:
                made = refit(block)
                resized += made is not None
                return made or block
            case {"type": "tool_result", "content": list(parts)}:
                return {**block, "content": list(map(walked, parts))}
        return block

    def message(message: Message) -> Message:
        before = resized
        content = message["content"]
        walked_content = content if isinstance(content, str) else list(map(walked, content))
        return message if resized == before else {**message, "content": walked_content}

    return list(map(message, messages)), resized


def _resized(count: int, most_px: int) -> Adjustment:
    images = "an image was" if count == 1 else f"{count} images were"
    return Adjustment("oversized-image", "changed", f"{images} over {most_px} px or 10 MB, and scaled down")
