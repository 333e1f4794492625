"""What one reader sees of people in cost rows: the one place that pages, CSV and PDF of spend ask.

Finance and the auditor see everybody. Everybody else sees that somebody is named and at which domain, and not whom: no
address that leads on by such a name is shown to them either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import may
from projects.sources.personal import MASKED, is_personal, masked, masked_row, without_addresses


@dataclass(frozen=True)
class Eyes:
    """How a reader sees texts of cost rows; `sees_people` is for who needs to see the people in them."""

    sees_people: bool

    def text(self, text: str | None) -> str:
        """Return what a row says in free text: a resource, an account, a service, an environment."""
        said = text or ""
        return said if self.sees_people else without_addresses(said)

    def cell(self, name: str, value: Any) -> Any:
        """Return the cell of a column, or a tag of a key, by its name; tags and other JSON are looked into."""
        return value if self.sees_people else masked(name, value)

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a delivered row."""
        return dict(row) if self.sees_people else masked_row(row)

    def account(self, name: str | None, *, is_key: bool) -> str:
        """Return an account's name; where the account is an API key its name is a person's alias."""
        return MASKED if name and is_key and not self.sees_people else self.text(name)

    def sentence(self, words: str, *, tag_key: str = "", value: str = "") -> str:
        """Return a sentence about charges; the value of a tag that names people is masked in it."""
        if tag_key and value and is_personal(tag_key) and not self.sees_people:
            for between in (" = ", " "):
                words = words.replace(f"{tag_key}{between}{value}", f"{tag_key}{between}{MASKED}")
        return self.text(words)

    def hides(self, text: str | None) -> bool:
        """Say whether the reader sees less than the text says, so that no address may hold it."""
        return self.text(text) != (text or "")


NOBODY_SEEN = Eyes(sees_people=False)  # for what is kept and then read by many: labels of jobs, frozen sentences


def eyes_of(user: User) -> Eyes:
    """Return what a person sees."""
    return Eyes(may(user, Permission.SEE_PEOPLE))
