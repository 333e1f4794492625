"""Each act of the council with its sentence; registered beside the projects' own when the app starts."""

VERBS: dict[str, str] = {}
