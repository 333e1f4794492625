"""What the scheduler asks for and when (UTC). An entry only says "look now": the task works out what is due."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
