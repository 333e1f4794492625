"""What people type to let a gateway's log split a bill: which log, and what has to agree."""

from typing import Any

from django import forms

from projects.attribution.drafts import DetailDraft
from projects.attribution.models import Basis, DetailAccount
from projects.common.form_fields import LineField
from projects.common.worded_forms import WordedForm
from projects.sources.models import Source, SourceRole

DAY, MONTH, SAME = "day", "month", "same"


class DetailFields(WordedForm):
    """The fields that count where charges are shared by gateway detail."""

    entity = "A rule"
    detail = forms.ModelChoiceField(
        queryset=Source.objects.none(),
        required=False,
        label="Log that splits the bill",
        empty_label="None",
        help_text="A source whose role is detail. The bill is the source above.",
    )
    detail_provider = LineField(
        max_length=200,
        required=False,
        label="Provider in the log",
        help_text="Any of its names. With *, which stands for any text, only as the log writes it. Empty means all of the log.",
    )
    detail_period = forms.ChoiceField(
        choices=[(DAY, "The same day"), (MONTH, "The same month")], required=False, label="Days agree"
    )
    detail_account = forms.ChoiceField(choices=DetailAccount.choices, required=False, label="Accounts agree")
    detail_model = forms.ChoiceField(
        choices=[("", "Models need not agree"), (SAME, "The same model")],
        required=False,
        label="Models agree",
        help_text="Other spellings are aliases of the tag model, for accounts of the tag account.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the logs there are."""
        super().__init__(*args, **kwargs)
        field = self.fields["detail"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Source.objects.filter(role=SourceRole.DETAIL).order_by("name")

    @property
    def is_by_detail(self) -> bool:
        """Say whether a log is to say who receives."""
        return self.cleaned_data.get("basis") == Basis.DETAIL

    def detail_draft(self) -> DetailDraft | None:
        """Return what has to agree; None where no log splits."""
        told = self.cleaned_data
        if not self.is_by_detail or told["detail"] is None:
            return None
        return DetailDraft(
            told["detail"],
            provider=told["detail_provider"],
            by_month=told["detail_period"] == MONTH,
            by_model=told["detail_model"] == SAME,
            account=told["detail_account"],
        )


def detail_initial(draft: DetailDraft | None) -> dict[str, Any]:
    """Return what the fields say at first."""
    if draft is None:
        return {}
    return {
        "detail": draft.log,
        "detail_provider": draft.provider,
        "detail_period": MONTH if draft.by_month else DAY,
        "detail_account": draft.account,
        "detail_model": SAME if draft.by_model else "",
    }
