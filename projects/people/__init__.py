"""People, their teams and roles. A role is granted by two people; "never" wins over every "may"."""
