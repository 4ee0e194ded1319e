"""Values that fit a JSON schema, coloured by words and numbers of the prompt and varied by chance.

    schema -> pick (references, alternatives, merges) -> make a value -> fits? else again

The maker covers what structured outputs and tool definitions use in practice, and what it made is checked; where a
schema asks for more than can be made up (a pattern with look-ahead, a contradiction), the closest value is given.
"""

from clarion.emulator.sample.hints import Hints
from clarion.emulator.sample.instance import instance

__all__ = ["Hints", "instance"]
