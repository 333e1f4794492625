"""Decision sheets: which choices need their own criteria, and when a choice has come up."""

from collections.abc import Collection, Mapping

SHEETS = {
    "fine_tuning": "Fine-tuning",
    "self_hosting": "Self-hosting or open weights",
    "second_provider": "Second provider",
}
FOLLOWS_FROM = {
    "self_hosting": ("deployment", "purchase_mode"),
    "second_provider": ("primary_provider", "fallback_provider"),
}
SELF_HOSTED = ("self_hosted", "hybrid")


def told_by_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the choices that an initiative's own fields tell, each with the words that say so."""
    told = {}
    if fields["deployment"] in SELF_HOSTED or fields["purchase_mode"] == "self_hosted":
        told["self_hosting"] = "its deployment or way of buying says self-hosted"
    first, second = fields["primary_provider"].strip(), fields["fallback_provider"].strip()
    if first and second and first.casefold() != second.casefold():
        told["second_provider"] = f"{second} stands beside {first}"
    return told


def sheets_due(fields: Mapping[str, str], *, edited: Collection[str]) -> dict[str, str]:
    """Return the choices that the fields tell and that are new: a field behind them was edited since they were decided.

    What stood when the initiative came in was accepted with it.
    """
    return {sheet: why for sheet, why in told_by_fields(fields).items() if set(FOLLOWS_FROM[sheet]) & set(edited)}


def not_chosen(gate: str, sheets: Collection[str]) -> str:
    """Name the choice that a sheet's criterion waits for and that is not made; empty for every other criterion."""
    return f"{SHEETS[gate].lower()} is not chosen" if gate in SHEETS and gate not in sheets else ""
