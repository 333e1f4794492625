from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django_fsm import TransitionNotAllowed

from projects.funding.choices import REQUEST_MOVES, TRANCHE_MOVES, RequestState, TrancheState
from projects.funding.models import FundingRequest, LedgerEntry, LedgerLine, Tranche
from tests.factories import money

TRANCHE_ACTS = {
    "release": lambda row, by, at: row.release(by_id=by.pk, at=at, starts_on=row.starts_on),
    "freeze": lambda row, by, at: row.freeze(),
    "lift": lambda row, by, at: row.lift(),
    "exhaust": lambda row, by, at: row.exhaust(at=at),
    "lapse": lambda row, by, at: row.lapse(at=at),
    "give_back": lambda row, by, at: row.give_back(at=at),
}
TRANCHE_LAW = {
    ("awaiting_conditions", "release"): "released",
    ("awaiting_conditions", "give_back"): "returned",
    ("awaiting_conditions", "lapse"): "lapsed",
    ("released", "freeze"): "frozen",
    ("released", "exhaust"): "exhausted",
    ("released", "lapse"): "lapsed",
    ("released", "give_back"): "returned",
    ("frozen", "lift"): "released",
    ("frozen", "give_back"): "returned",
    ("frozen", "lapse"): "lapsed",
}
ROAD = {
    "awaiting_conditions": [],
    "released": ["release"],
    "frozen": ["release", "freeze"],
    "exhausted": ["release", "exhaust"],
    "lapsed": ["release", "lapse"],
    "returned": ["release", "give_back"],
}
REQUEST_LAW = {
    ("draft", "open"): "open",
    ("open", "take_back"): "draft",
    ("open", "decide"): "decided",
    ("draft", "withdraw"): "withdrawn",
    ("open", "withdraw"): "withdrawn",
}
REQUEST_ROAD = {"draft": [], "open": ["open"], "decided": ["open", "decide"], "withdrawn": ["withdraw"]}


@pytest.fixture
def envelope(fiona, now):
    return money.envelope(fiona, now)


@pytest.fixture
def waiting(fraud, envelope, carol, now):
    return money.tranche(fraud, envelope, carol, now, awaits_conditions=True)


def ask(initiative, by, at, key="GR-0001", **fields):
    values = {
        "minimum": 100,
        "ask": 150,
        "maximum": 200,
        "milestone_name": "Precision",
        "acceptance_test": "92%",
        "milestone_due_on": date(2026, 12, 4),
        "ends_on": date(2026, 12, 31),
    }
    return FundingRequest.objects.create(
        request_key=key, initiative=initiative, currency="USD", saved_by=by, saved_at=at, **values | fields
    )


def test_every_transition_of_a_tranche_is_in_the_table():
    transitions = {row.name for row in Tranche._meta.get_field("state").get_all_transitions(Tranche)}

    assert transitions == set(TRANCHE_ACTS)
    assert {(source, target) for (source, _), target in TRANCHE_LAW.items()} == set(TRANCHE_MOVES)


@pytest.mark.parametrize("act", TRANCHE_ACTS)
@pytest.mark.parametrize("state", TrancheState.values)
def test_only_the_table_moves_a_tranche(waiting, fiona, now, state, act):
    for step in ROAD[state]:
        TRANCHE_ACTS[step](waiting, fiona, now)
        waiting.save()
    row = Tranche.objects.get()

    if (state, act) in TRANCHE_LAW:
        TRANCHE_ACTS[act](row, fiona, now)
        row.save()
        assert Tranche.objects.get().state == TRANCHE_LAW[state, act]
    else:
        with pytest.raises(TransitionNotAllowed):
            TRANCHE_ACTS[act](row, fiona, now)


@pytest.mark.parametrize("target", TrancheState.values)
@pytest.mark.parametrize("state", TrancheState.values)
def test_database_refuses_every_other_move_of_a_tranche(waiting, fiona, now, state, target):
    for step in ROAD[state]:
        TRANCHE_ACTS[step](waiting, fiona, now)
        waiting.save()
    rows = Tranche.objects.filter(pk=waiting.pk)

    if (state, target) in TRANCHE_MOVES or state == target:
        rows.update(state=target, released_at=now, released_by=fiona)
    else:
        with pytest.raises(DatabaseError, match="state"):
            rows.update(state=target, released_at=now, released_by=fiona)


def test_every_transition_of_an_ask_is_in_the_table():
    transitions = {row.name for row in FundingRequest._meta.get_field("state").get_all_transitions(FundingRequest)}

    assert transitions == {act for _, act in REQUEST_LAW}
    assert {(source, target) for (source, _), target in REQUEST_LAW.items()} == set(REQUEST_MOVES)


@pytest.mark.parametrize("act", sorted({act for _, act in REQUEST_LAW}))
@pytest.mark.parametrize("state", RequestState.values)
def test_only_the_table_moves_an_ask(fraud, olga, now, state, act):
    row = ask(fraud, olga, now)
    for step in REQUEST_ROAD[state]:
        getattr(row, step)()
        row.save()

    if (state, act) in REQUEST_LAW:
        getattr(row, act)()
        row.save()
        assert FundingRequest.objects.get().state == REQUEST_LAW[state, act]
    else:
        with pytest.raises(TransitionNotAllowed):
            getattr(row, act)()


@pytest.mark.parametrize(
    "figures",
    [
        {"minimum": 0},
        {"minimum": 151},
        {"maximum": 149},
        {"minimum": None},
        {"milestone_name": ""},
        {"milestone_due_on": None},
        {"ends_on": None},
    ],
)
def test_database_opens_no_ask_that_does_not_hold_together(fraud, olga, now, figures):
    row = ask(fraud, olga, now)

    with pytest.raises(IntegrityError), transaction.atomic():
        FundingRequest.objects.filter(pk=row.pk).update(state="open", **figures)


def test_one_ask_is_open_per_initiative(fraud, olga, now):
    rows = [ask(fraud, olga, now, key) for key in ("GR-0001", "GR-0002")]
    FundingRequest.objects.filter(pk=rows[0].pk).update(state="open")

    with pytest.raises(IntegrityError, match="one_open_ask_for_money"):
        FundingRequest.objects.filter(pk=rows[1].pk).update(state="open")


def test_windows_of_one_initiative_never_overlap(fraud, envelope, carol, now):
    first = money.tranche(fraud, envelope, carol, now)
    second = money.tranche(fraud, envelope, carol, now, awaits_conditions=True)

    with pytest.raises(IntegrityError, match="tranche_windows_never_overlap"):
        Tranche.objects.filter(pk=second.pk).update(
            state="released", released_at=now, released_by=carol, starts_on=first.starts_on
        )


def test_database_refuses_a_release_by_one_where_two_are_needed(waiting, fiona, now):
    Tranche.objects.filter(pk=waiting.pk).update(needs_two=True)

    with pytest.raises(IntegrityError, match="tranche_released_by_two"):
        Tranche.objects.filter(pk=waiting.pk).update(
            state="released", released_at=now, released_by=fiona, first_released_by=fiona
        )


def test_database_refuses_a_release_by_the_asker(waiting, fiona, now):
    Tranche.objects.filter(pk=waiting.pk).update(requested_by=fiona)

    with pytest.raises(IntegrityError, match="tranche_not_released_by_its_asker"):
        Tranche.objects.filter(pk=waiting.pk).update(state="released", released_at=now, released_by=fiona)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_database_refuses_amounts_that_are_no_money(waiting, amount):
    with pytest.raises(IntegrityError, match="tranche_amount_positive"), connection.cursor() as cursor:
        cursor.execute("UPDATE projects_tranche SET amount = %s", [amount])


@pytest.mark.parametrize("table", ["projects_ledgerentry", "projects_ledgerline", "projects_tranchepart"])
@pytest.mark.parametrize("order", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_application_cannot_change_the_ledger(fraud, envelope, carol, now, table, order):
    money.tranche(fraud, envelope, carol, now)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(order.format(table))
    assert LedgerEntry.objects.count() == 2


@pytest.mark.parametrize("order", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", ["projects_ledgerentry", "projects_ledgerline"])
def test_not_even_the_owner_of_the_tables_changes_the_ledger(owner_connection, fraud, envelope, table, order):
    with pytest.raises(Exception, match=r"Cannot (update|truncate)"):
        owner_connection.execute(order.format(table))


def entry(by, at, **fields):
    return LedgerEntry.objects.create(key="by-hand", kind="envelope", by=by, at=at, **fields)


def line(entry, envelope, amount, account="envelope"):
    return LedgerLine.objects.create(
        entry=entry,
        account=account,
        envelope=envelope if account == "envelope" else None,
        amount=Decimal(amount),
        currency="USD",
    )


def settle():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_lines_that_do_not_sum_to_zero_are_refused_at_the_end(envelope, fiona, now):
    made = entry(fiona, now)
    line(made, envelope, "100")
    line(made, None, "-99.99", "budget")

    with pytest.raises(DatabaseError, match="do not sum to zero"):
        settle()


def test_lines_that_sum_to_zero_pass(envelope, fiona, now):
    made = entry(fiona, now)
    line(made, envelope, "100")
    line(made, None, "-100", "budget")

    settle()


def test_entry_without_lines_is_refused_at_the_end(envelope, fiona, now):
    entry(fiona, now)

    with pytest.raises(DatabaseError, match="at least two lines"):
        settle()


def test_currencies_are_never_set_against_each_other(envelope, fiona, now):
    made = entry(fiona, now)
    line(made, envelope, "100")
    LedgerLine.objects.create(entry=made, account="budget", amount=Decimal(-100), currency="EUR")

    with pytest.raises(DatabaseError, match="do not sum to zero"):
        settle()


def test_tranche_never_gives_back_more_than_it_holds(fraud, envelope, carol, fiona, now):
    held = money.tranche(fraud, envelope, carol, now, "100")
    made = LedgerEntry.objects.create(
        key="by-hand", kind="return", initiative=fraud, tranche=held, decision_reference="X", by=fiona, at=now
    )
    line(made, envelope, "100.01")
    LedgerLine.objects.create(
        entry=made, account="initiative", initiative=fraud, tranche=held, amount=Decimal("-100.01"), currency="USD"
    )

    with pytest.raises(DatabaseError, match="more than it holds"):
        settle()


@pytest.mark.parametrize("amount", ["0", "NaN"])
def test_line_carries_an_amount(envelope, fiona, now, amount):
    made = entry(fiona, now)

    with pytest.raises(IntegrityError, match="line_amount_counts"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_ledgerline (entry_id, account, envelope_id, amount, currency) "
            "VALUES (%s, 'envelope', %s, %s, 'USD')",
            [made.pk, envelope.pk, amount],
        )


def test_account_names_what_it_is_the_account_of(envelope, fiona, now):
    made = entry(fiona, now)

    with pytest.raises(IntegrityError, match="line_account_whole"):
        LedgerLine.objects.create(entry=made, account="initiative", envelope=envelope, amount=1, currency="USD")


def test_a_key_posts_once(envelope, fiona, now):
    entry(fiona, now)

    with pytest.raises(IntegrityError):
        entry(fiona, now)
