"""`python -m launch run` starts the product, `reset` throws the demo's data away, `backup FILE` and `restore FILE`."""

import sys
from collections.abc import Callable

from launch.backup import backup, restore
from launch.reset import reset
from launch.supervisor import run

COMMANDS: dict[str, Callable[..., int]] = {"run": run, "reset": reset, "backup": backup, "restore": restore}

if __name__ == "__main__":
    name, *arguments = sys.argv[1:] or ["run"]
    if name not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[name](*arguments))
