"""Prints what Clarion adjusted, as a table."""

from clarion import Completion


def show(completion: Completion) -> None:
    print(f"\n{completion.model} answered. Adjusted:")
    for adjustment in completion.adjustments:
        print(f"  {adjustment.kind:<8}{adjustment.rule:<18}{adjustment.text}")
