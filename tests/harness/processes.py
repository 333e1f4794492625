"""What the kernel says of processes."""

from pathlib import Path


def children_of(process):
    """List the ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def descendants_of(process):
    """List the ids of everything under a process."""
    found = []
    for child in children_of(process):
        found += [child, *descendants_of(child)]
    return found


def is_alive(process):
    """Say whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
