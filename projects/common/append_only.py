"""Where the append-only base stands for whoever must enumerate such tables."""

from projects.common.models import AppendOnly

__all__ = ["AppendOnly"]
