"""What preparing a photograph costs, beside Pillow's own draft-decode, resize and encode of the same photograph.

    python bench/media.py

The bar is 1.3 times. Both are measured in turns, so that a busy machine is busy for both.
"""

from __future__ import annotations

import base64
import io
import statistics
import time
from typing import TYPE_CHECKING

import PIL.Image
from figures import Figure, tell

from clarion._media import HIGH, STANDARD, Image, Tier, prepare
from clarion._media.encoding import QUALITIES
from clarion._media.sizes import kept_size

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
BAR = 1.3


def photograph(width: int = 4000, height: int = 3000) -> bytes:
    """Return a JPEG of 12 megapixels: a gradient with noise over it."""
    across = PIL.Image.linear_gradient("L").rotate(90).resize((width, height))
    down = PIL.Image.linear_gradient("L").resize((width, height))
    image = PIL.Image.merge("RGB", (across, down, PIL.Image.effect_noise((width, height), 40)))
    noise = PIL.Image.merge("RGB", [PIL.Image.effect_noise((width, height), 30) for _ in range(3)])
    return saved(PIL.Image.blend(image, noise, 0.2))


def saved(image: PIL.Image.Image) -> bytes:
    """Return an image as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITIES[0])
    return buffer.getvalue()


def pillow(data: bytes, tier: Tier) -> str:
    """Do with Pillow alone what is needed at least."""
    with PIL.Image.open(io.BytesIO(data)) as image:
        size = kept_size(*image.size, tier)
        image.draft(None, size)
        return base64.standard_b64encode(saved(image.resize(size, PIL.Image.Resampling.LANCZOS))).decode("ascii")


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(name: str, data: bytes, tier: Tier) -> None:
    """Print one line of the comparison."""
    turns = [(seconds(lambda: Image(data).block(tier)), seconds(lambda: pillow(data, tier))) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(times) for times in zip(*turns, strict=True))
    what = f"a photograph prepared, tier {name}"
    tell(Figure(what=what, value=ours * 1000, unit="ms", reference="Pillow", beside=theirs * 1000, bar=BAR))


def main() -> None:
    """Print the comparison for both tiers, and what threads bring."""
    data = photograph()
    print(f"4000 x 3000 JPEG of {len(data) / 2**20:.1f} MB, median of {ROUNDS}")
    compare("high", data, HIGH)
    compare("standard", data, STANDARD)
    images = [Image(data)] * 12
    alone, together = seconds(lambda: [image.block() for image in images]), seconds(lambda: prepare(images))
    reference = "one after the other"
    tell(Figure(what="12 in threads", value=together * 1000, unit="ms", reference=reference, beside=alone * 1000))


if __name__ == "__main__":
    main()
