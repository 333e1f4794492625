"""Keep people's names and addresses in delivered rows from those who need not see them."""

import json
import re
from collections.abc import Mapping
from typing import Any

MASKED = "masked"

_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_BETWEEN = re.compile(r"[/.:]")
_PERSONAL = frozenset(
    {
        "apikeyalias",
        "apikeyname",
        "apikeyuser",
        "createdby",
        "email",
        "emailaddress",
        "enduser",
        "login",
        "mail",
        "requestedby",
        "requester",
        "user",
        "useralias",
        "userid",
        "username",
    }
)
_ENDINGS = ("email", "enduser", "userid", "username", "createdby", "userapikeyalias")


def is_personal(name: str) -> bool:
    """Say whether a column or tag of this name holds a person: user_email, username, Oracle-Tags.CreatedBy.

    A name may have a path in front; `user:` in front of an AWS tag says who made the tag and names nobody.
    """
    last = _BETWEEN.split(name.strip())[-1]
    plain = "".join(letter for letter in last.lower() if letter.isalnum())
    return plain in _PERSONAL or plain.endswith(_ENDINGS)


def without_addresses(text: str) -> str:
    """Return a text in which the person in every e-mail address is masked; the domain stays."""
    return _ADDRESS.sub(rf"{MASKED}@\1", text)


def masked(name: str, value: Any) -> Any:
    """Return a cell as somebody may see it who need not know people; tags and other JSON are masked inside."""
    if value is None or value == "":
        return value
    if is_personal(name):
        return MASKED
    if isinstance(value, dict):
        return {key: masked(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(name, inner) for inner in value]
    if not isinstance(value, str):
        return value
    inside = _inside(value)
    if inside is not None:
        return json.dumps(masked(name, inside), ensure_ascii=False)
    return without_addresses(value)


def masked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a delivered row with its people masked; where the account is an API key, its name is a person's alias."""
    cells = {name: masked(name, value) for name, value in row.items()}
    plain = {name.lower().replace("_", ""): name for name in row}
    if str(row.get(plain.get("billingaccounttype", ""), "")).lower() == "api key" and "billingaccountname" in plain:
        cells[plain["billingaccountname"]] = MASKED
    return cells


def _inside(text: str) -> dict[str, Any] | list[Any] | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        inside = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return inside if isinstance(inside, dict | list) else None
