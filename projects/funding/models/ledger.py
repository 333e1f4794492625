"""The ledger: entries and their lines, which only grow and always sum to zero."""

import pgtrigger
from django.db import models
from django.db.models import Q

from projects.common.models import AppendOnly
from projects.funding.choices import Account, EntryKind
from projects.funding.models.laws import LARGEST, currency_iso

LINES_BALANCE = """
IF EXISTS (
    SELECT 1 FROM projects_ledgerline WHERE entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount) <> 0
) THEN
    RAISE EXCEPTION 'The lines of ledger entry % do not sum to zero', NEW.entry_id;
END IF;
IF NEW.tranche_id IS NOT NULL AND (
    SELECT sum(amount) FROM projects_ledgerline WHERE tranche_id = NEW.tranche_id
) < 0 THEN
    RAISE EXCEPTION 'Tranche % would give back more than it holds', NEW.tranche_id;
END IF;
RETURN NULL;
"""
ENTRY_HAS_LINES = """
IF (SELECT count(*) FROM projects_ledgerline WHERE entry_id = NEW.id) < 2 THEN
    RAISE EXCEPTION 'Ledger entry % needs at least two lines', NEW.id;
END IF;
RETURN NULL;
"""


class LedgerEntry(AppendOnly):
    """One posting with its key, kind, decision and reason; a mistake is reversed by a new one."""

    key = models.CharField(max_length=80, unique=True, help_text="The same key posts once.")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    initiative = models.ForeignKey(
        "projects.Initiative", on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    tranche = models.ForeignKey(
        "projects.Tranche", on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversals")
    decision_reference = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    figures = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("at", "id")
        constraints = (
            models.CheckConstraint(
                name="entry_of_an_initiative", condition=Q(kind="envelope") | Q(initiative__isnull=False)
            ),
            models.CheckConstraint(
                name="entry_names_its_decision",
                condition=~Q(kind__in=["release", "run_down", "carry", "return"]) | ~Q(decision_reference=""),
            ),
            models.CheckConstraint(name="reversal_names_what_and_why", condition=~Q(kind="reversal") | ~Q(reason="")),
        )
        indexes = (models.Index(name="entry_of_initiative", fields=["initiative", "at"]),)
        triggers = (
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="has_lines",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=ENTRY_HAS_LINES,
            ),
        )

    def __str__(self) -> str:
        return self.key


class LedgerLine(AppendOnly):
    """One signed amount of an entry on one account; the lines of an entry sum to zero in each currency."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=10, choices=Account.choices)
    envelope = models.ForeignKey(
        "projects.Envelope", on_delete=models.PROTECT, null=True, blank=True, related_name="lines"
    )
    initiative = models.ForeignKey(
        "projects.Initiative", on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_lines"
    )
    tranche = models.ForeignKey(
        "projects.Tranche", on_delete=models.PROTECT, null=True, blank=True, related_name="lines"
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta(AppendOnly.Meta):
        ordering = ("entry_id", "id")
        constraints = (
            currency_iso("line_currency_iso"),
            models.CheckConstraint(
                name="line_amount_counts", condition=Q(amount__gt=-LARGEST, amount__lt=LARGEST) & ~Q(amount=0)
            ),
            models.CheckConstraint(
                name="line_account_whole",
                condition=Q(account="budget", envelope__isnull=True, initiative__isnull=True, tranche__isnull=True)
                | Q(account="envelope", envelope__isnull=False, initiative__isnull=True, tranche__isnull=True)
                | Q(account="initiative", envelope__isnull=True, initiative__isnull=False, tranche__isnull=False)
                | Q(account="lapse", envelope__isnull=False, initiative__isnull=True, tranche__isnull=True),
            ),
        )
        indexes = (
            models.Index(name="line_of_initiative", fields=["initiative", "currency"]),
            models.Index(name="line_of_envelope", fields=["envelope"]),
        )
        triggers = (
            *AppendOnly.Meta.triggers,
            pgtrigger.Trigger(
                name="balance",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=LINES_BALANCE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency}"
