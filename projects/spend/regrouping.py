"""Let keys stand in groups of the purpose that rules in force say, and keep rollups equal to it.

A purpose says what a charge is for and moves no money from one initiative, month or account to another: it holds for every
day of a key, those of closed months too.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from projects.attribution.purposes import changed_purposes_statement
from projects.spend.listening import Listener
from projects.spend.rollups import fill_days, swap_parts
from projects.spend.rules import exact_text

_LEARN = """
CREATE TEMPORARY TABLE key_purpose ON COMMIT DROP AS
SELECT * FROM ({purposes}) p
"""
_CLOSED = "f.billing_month = ANY(ARRAY(SELECT month FROM projects_closedperiod WHERE reopened_at IS NULL))"
_MOVES = f"""
SELECT c.before, c.after, to_char(f.charge_on, 'YYYY-MM'), f.currency, count(*) FILTER (WHERE f.share = 0),
    count(*) FILTER (WHERE f.share = 0 AND {_CLOSED}), sum(f.billed_cost), sum(f.effective_cost)
FROM projects_spendfact f JOIN key_purpose c USING (cost_key_id)
JOIN projects_deliverypart p ON p.id = f.part_id AND p.is_current JOIN projects_source s ON s.id = p.source_id
WHERE s.role = 'fact' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
_PLACES = """
SELECT date_trunc('month', p.billing_period_start)::date, array_agg(DISTINCT p.id), sum(d.rows)::bigint
FROM projects_spendday d JOIN projects_deliverypart p ON p.id = d.part_id
WHERE d.group_id IN (SELECT group_id FROM key_purpose) GROUP BY 1 ORDER BY 1
"""
_COLUMNS = """
provider_name, service_name, service_category, service_subcategory, billing_account_id, billing_account_name,
sub_account_id, sub_account_name, charge_category, charge_class, charge_frequency, model, cost_centre, environment, layer,
owned_layer, is_unused
"""
_ADD_GROUPS = f"""
INSERT INTO projects_costgroup (source_id, digest, purpose, {_COLUMNS})
SELECT g.source_id, g.digest, c.after, {_COLUMNS}
FROM (SELECT DISTINCT group_id, after FROM key_purpose) c JOIN projects_costgroup g ON g.id = c.group_id
ON CONFLICT (source_id, digest, purpose) DO NOTHING
"""
_REGROUP = """
UPDATE projects_costkey k SET group_id = n.id FROM key_purpose c JOIN projects_costgroup g ON g.id = c.group_id
JOIN projects_costgroup n ON (n.source_id, n.digest, n.purpose) = (g.source_id, g.digest, c.after)
WHERE k.id = c.cost_key_id
"""


def find_keys_to_regroup() -> int:
    """Find the keys whose purpose is another by the rules in force, those of replaced deliveries too, and count them."""
    statement, parameters = changed_purposes_statement()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS key_purpose")
        cursor.execute(_LEARN.format(purposes=statement), parameters)
        cursor.execute("ANALYZE key_purpose")
        cursor.execute("SELECT count(*) FROM key_purpose")
        return int(cursor.fetchone()[0])


def learn_purposes() -> list[dict[str, Any]]:
    """Find those keys, and say what money of theirs is said to be for something else, by purpose and month."""
    if not find_keys_to_regroup():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_MOVES)
        names = ("from", "to", "month", "currency", "rows", "closed_rows")
        return [
            {
                **dict(zip(names, row[:6], strict=True)),
                "billed_cost": exact_text(row[6]),
                "effective_cost": exact_text(row[7]),
            }
            for row in cursor.fetchall()
        ]


def regroup(listener: Listener) -> None:
    """Give the keys that were found their group, and roll the days of their charges up again. Sources are held."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES)
        places: Sequence[tuple[date, list[int], int]] = cursor.fetchall()
        if places:
            listener.step("Saying what charges are for", total=sum(rows for _, _, rows in places))
        for _, parts, _ in places:
            swap_parts(new=[], old=parts)
        cursor.execute(_ADD_GROUPS)
        cursor.execute(_REGROUP)
    done = 0
    for month, parts, rows in places:
        fill_days(parts, [month])
        swap_parts(new=parts, old=[])
        done += rows
        listener.advance(done)
