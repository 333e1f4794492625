"""Laws that the database keeps by itself: tables that only grow, states that begin and move as the table says."""

from collections.abc import Iterable

import pgtrigger


def append_only() -> tuple[pgtrigger.Trigger, ...]:
    """Return triggers that refuse UPDATE, DELETE and TRUNCATE."""
    return (
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="never_truncated",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func="RAISE EXCEPTION 'Cannot truncate %: it only grows', TG_TABLE_NAME;",
        ),
    )


def lawful_states(
    field: str, *, start: str, moves: Iterable[tuple[str, str]], unless: str = ""
) -> tuple[pgtrigger.Trigger, ...]:
    """Return triggers that let a state begin only at ``start`` and move only along ``moves``.

    ``unless`` is a condition over NEW under which another beginning is lawful, such as an opening decision.
    """
    lawful = f"NEW.{field} = '{start}'" + (f" OR ({unless})" if unless else "")
    return (
        pgtrigger.Trigger(
            name=f"{field}_starts",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=(
                f"IF NOT ({lawful}) THEN RAISE EXCEPTION 'A row of % cannot begin with {field} %', "
                f"TG_TABLE_NAME, NEW.{field}; END IF; RETURN NEW;"
            ),
        ),
        pgtrigger.FSM(name=f"{field}_moves", field=field, transitions=list(moves)),
    )
