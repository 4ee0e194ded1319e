"""Numbers as people read them."""

from __future__ import annotations


def span(seconds: float | None) -> str:
    """Return a time: `42 s`, `3 m 20 s`, `2 h 05 m`, `3 d 4 h`; `?` for one that is not known."""
    if seconds is None:
        return "?"
    whole = round(seconds)
    days, hours, minutes = whole // 86_400, whole // 3_600, whole // 60
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60:02} m"
    return f"{minutes} m {whole % 60:02} s" if minutes else f"{whole} s"


def many(number: float) -> str:
    """Return a big number in short: `980`, `12.3 k`, `4.56 M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= size:
            scaled = number / (1e3 if unit == "k" else size)
            return f"{scaled:.0f} {unit}" if scaled >= 100 else f"{scaled:.1f} {unit}"
    return f"{number:,.0f}" if number >= 10 or number == 0 else f"{number:.1f}"


def dollars(value: object) -> str:
    """Return US dollars: to the cent from one dollar on, below it to four places."""
    amount = float(str(value))
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"
