"""A HEIC picture."""

import importlib.util
import io

from clarion import Image

data = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64)  # enough to be known by
if importlib.util.find_spec("pillow_heif"):
    import PIL.Image
    import pillow_heif

    pillow_heif.register_heif_opener()
    file = io.BytesIO()
    PIL.Image.new("RGB", (56, 28), "teal").save(file, "HEIF")
    data = file.getvalue()
assert Image(data).tokens() == 2
