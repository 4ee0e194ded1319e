"""The program `clarion`, which is `python -m clarion`, too."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line. Until its modules are imported, nobody looks for garbage, as there is none."""
    gc.disable()
    from clarion.cli import main as command_line

    gc.freeze()
    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
