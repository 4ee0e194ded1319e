"""How many of a thing there are, as it is said."""


def number_of(count: int, noun: str) -> str:
    """Return `1 row`, `0 rows`, `12,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
