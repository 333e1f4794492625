"""Run every benchmark in turn, each against its floor in the same run, and print their figures."""

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Return how many benchmarks failed."""
    folder = Path(__file__).parent
    failed = 0
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith("__"):
            continue
        print(path.stem, flush=True)
        failed += subprocess.run([sys.executable, str(path)], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
