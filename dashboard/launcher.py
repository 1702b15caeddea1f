"""The `vidtrail` command: puts the product's own folders on the path, then hands over to it.

In a checkout they lie beside this file's folder, in an installed wheel in `vidtrail/_app`;
either way `core` and `dashboard` are nobody else's, wherever the command is called from.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """Run the command; the exit status."""
    here = Path(__file__).resolve()
    installed = here.with_name("_app")
    root = str(installed if installed.is_dir() else here.parent.parent)
    sys.path.insert(0, root)
    # Processes that this one starts find the same code, never a `core` of the working folder.
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{root}{os.pathsep}{inherited}" if inherited else root
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.argv[0] = "vidtrail"
    from core.cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
