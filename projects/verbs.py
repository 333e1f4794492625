"""Each act's verb with its sentence; a verb that is not here cannot be recorded."""

VERBS: dict[str, str] = {}
