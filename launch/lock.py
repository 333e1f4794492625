"""Write the locks anew: newest versions the project file allows, with hashes, without addresses."""

import re
import subprocess
import sys
from pathlib import Path

from launch.places import CHECKOUT

COMPILE = (
    *("pip", "compile", "--quiet", "--upgrade", "--universal", "--generate-hashes", "--python-version", "3.11"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"),
)
UV = Path(sys.executable).parent / "uv"


def compiled(*arguments: str, text: str | None = None) -> str:
    """Return the lock that uv works out."""
    done = subprocess.run(
        [str(UV), *COMPILE, *arguments], input=text, stdout=subprocess.PIPE, text=True, check=True, cwd=CHECKOUT
    )
    return done.stdout


def main() -> None:
    """Write requirements/*.txt."""
    folder = CHECKOUT / "requirements"
    (folder / "runtime.txt").write_text(compiled("pyproject.toml"))
    (folder / "dev.txt").write_text(compiled("--extra", "dev", "-c", "requirements/runtime.txt", "pyproject.toml"))
    pinned = compiled("-", text="uv")
    name = pinned.split(maxsplit=1)[0]
    hashes = re.findall(r"--hash=sha256:[0-9a-f]+", pinned)
    (folder / "uv.txt").write_text(f"{name} \\\n    {' '.join(hashes)}\n")


if __name__ == "__main__":
    main()
