"""Which sites the web tools may visit: a list of allowed or of blocked domains, each written as a domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.emulator.call import kind_of
from clarion.emulator.wire import invalid

if TYPE_CHECKING:
    from clarion.emulator.call import Call

__all__ = ["check_domains"]


def check_domains(call: Call) -> None:
    """Refuse both lists at once, domains with a scheme, and wildcards elsewhere than in a path."""
    for index, tool in enumerate(call.tools):
        path = f"tools.{index}.{kind_of(tool)}"
        allowed, blocked = tool.get("allowed_domains"), tool.get("blocked_domains")
        if allowed and blocked:
            raise invalid(path, "only one of `allowed_domains` and `blocked_domains` may be given")
        for field in ("allowed_domains", "blocked_domains"):
            for place, domain in enumerate(tool.get(field) or ()):
                _check_domain(f"{path}.{field}.{place}", domain)


def _check_domain(path: str, domain: str) -> None:
    if "://" in domain:
        raise invalid(path, f"'{domain}' must not include a scheme such as https://")
    if "*" in domain.partition("/")[0]:
        raise invalid(path, f"'{domain}': wildcards are only allowed in the path")
