"""Images and documents within a history: readable, of the type they claim, not too large, not too many."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import orjson

from clarion._errors import MediaError
from clarion._repair.blocks import RESULTS, Block, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarion._repair.draft import Draft

TOO_MANY_IMAGES = "[An image was here. It was left out, because a request takes no more of them.]"
TOO_MANY_PAGES = "[A PDF was here. It was left out, because a request takes no more pages.]"


def mend_media(draft: Draft) -> None:
    """Put images and documents right, in the order in which what is left depends on it."""
    for where, block in draft.walk():
        if _is_elsewhere(block):
            draft.findings.doubt("elsewhere", where)
    if not any(True for _ in _media(draft)):
        return
    draft.rewrite(lambda block, where, exact: _readable(draft, block, where, exact=exact))
    _leave_out(draft, "image", draft.model.images if draft.model else None, lambda _block: 1, "too-many-images")
    _leave_out(draft, "document", draft.model.pdf_pages if draft.model else None, pages_of, "too-many-pages")
    _shrink(draft)
    _cite_all(draft)


def _is_elsewhere(block: Block) -> bool:
    """Whether a block names a file or an address that only the API can look at."""
    if block["type"] in ("image", "document"):
        return block["source"]["type"] in ("url", "file")
    return block["type"] == "container_upload" or (block["type"] in RESULTS and b'"file_id"' in orjson.dumps(block))


def pages_of(block: Block) -> int:
    """Return how many pages a PDF has; 0 for anything else."""
    match block:
        case {"source": {"type": "base64", "data": str(data)}}:
            from clarion._media import pdf

            with pdf.reading("a document block"):
                return len(pdf.opened(base64.b64decode(data), "a document block").pages)
    return 0


def _media(draft: Draft) -> Iterator[tuple[str, Block]]:
    """Yield every image and document with its place, those inside others too."""
    return ((where, block) for where, block in draft.walk() if block["type"] in ("image", "document"))


def _readable(draft: Draft, block: Block, where: str, *, exact: bool) -> Block:
    """Return a block whose base64 holds what it says, or a note in its place."""
    if block["type"] not in ("image", "document") or block["source"]["type"] != "base64":
        return block
    source = block["source"]
    try:
        data = base64.b64decode(source["data"], validate=True)
        made = _image(draft, block, data, where, exact=exact) if block["type"] == "image" else _pdf(block, data)
    except (binascii.Error, ValueError, MediaError) as error:
        draft.findings.mend("unreadable-media", where, str(error)[:120])
        return {"type": "text", "text": unreadable(block["type"])}
    if made is not block and block["type"] == "document":
        draft.findings.mend("bad-field", where, "an encrypted PDF")
    return made


def _image(draft: Draft, block: Block, data: bytes, where: str, *, exact: bool) -> Block:
    from clarion._media import Image, raster, tier_of
    from clarion._media.encoding import MEDIA_TYPES
    from clarion._media.sizes import kept_size

    tier = tier_of(draft.model.image_tier if draft.model else None)
    with raster.decoding("an image block"):
        image = raster.opened(data, "an image block")
        form, size = str(image.format), image.size
    exact = exact or (block.get("transformations") or {}).get("oversized_image") == "error"
    if exact and kept_size(*size, tier) != size:
        draft.findings.mend("oversized-image", where, f"{size[0]} x {size[1]} px")
        return {**block, **Image(data).block(tier)}
    if form not in MEDIA_TYPES:
        draft.findings.mend("mislabelled-media", where, form)
        return {**block, **Image(data).block(tier)}
    if block["source"].get("media_type") != MEDIA_TYPES[form]:
        draft.findings.mend("mislabelled-media", where, str(block["source"].get("media_type")))
        return {**block, "source": {**block["source"], "media_type": MEDIA_TYPES[form]}}
    return block


def _pdf(block: Block, data: bytes) -> Block:
    from clarion._media import Document, pdf

    with pdf.reading("a document block"):
        reader = pdf.opened(data, "a document block")
        len(reader.pages)
        is_encrypted = reader.is_encrypted
    return {**block, "source": Document(data).block()["source"]} if is_encrypted else block


def _leave_out(draft: Draft, kind: str, most: int | None, weight: Callable[[Block], int], ailment: str) -> None:
    """Put notes into the place of the oldest, until what is left is no more than the model takes."""
    weights = [weight(block) for _, block in _media(draft) if block["type"] == kind]
    excess = sum(weights) - (most or 0)
    if most is None or excess <= 0:
        return
    note = TOO_MANY_IMAGES if kind == "image" else TOO_MANY_PAGES
    left = iter(weights)

    def changed(block: Block, where: str, _exact: bool) -> Block:
        nonlocal excess
        count = next(left) if block["type"] == kind else 0
        if excess <= 0 or not count:
            return block
        excess -= count
        draft.findings.mend(ailment, where)
        return {"type": "text", "text": note}

    draft.rewrite(changed)


def _shrink(draft: Draft) -> None:
    """Scale down images that are larger than a request with so many takes."""
    from clarion._media import refitted, tier_of
    from clarion._media.sizes import most_px

    images = sum(block["type"] == "image" for _, block in _media(draft))
    tier = tier_of(draft.model.image_tier if draft.model else None).for_many(images)

    def changed(block: Block, where: str, _exact: bool) -> Block:
        try:
            made = refitted(block, tier, most_px=most_px(images))
        except MediaError as error:
            draft.findings.mend("unreadable-media", where, str(error)[:120])
            return {"type": "text", "text": unreadable("image")}
        if made is None:
            return block
        draft.findings.mend("oversized-image", where)
        return made

    draft.rewrite(changed)


def _cite_all(draft: Draft) -> None:
    """Let all documents be cited, if one is to be: the API takes all or none."""
    documents = [block for _, block in _media(draft) if block["type"] == "document"]
    cited = [bool((block.get("citations") or {}).get("enabled")) for block in documents]
    if all(cited) or not any(cited):
        return

    def changed(block: Block, where: str, _exact: bool) -> Block:
        if block["type"] != "document" or (block.get("citations") or {}).get("enabled"):
            return block
        draft.findings.mend("mixed-citations", where)
        return {**block, "citations": {"enabled": True}}

    draft.rewrite(changed)
