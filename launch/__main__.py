"""`python -m launch run` starts the product; `python -m launch reset` throws the demo's data away."""

import sys

from launch.reset import reset
from launch.supervisor import run

COMMANDS = {"run": run, "reset": reset}

if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "run"
    if name not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[name]())
