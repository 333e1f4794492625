"""The explorer's table as CSV."""

import csv
from decimal import Decimal

from django.http import HttpResponse

from projects.attribution.layers import LAYERS
from projects.common.cells import safe_cell
from projects.spend.answering import Answer
from projects.spend.asking import IN_TIME
from projects.spend.narrowing import UNCLAIMED
from projects.spend.rules import exact_text


def explorer_csv(answer: Answer) -> HttpResponse:
    """Return the table as CSV: the same rows, exact, and nothing that a spreadsheet would run."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="spend-by-{answer.question.by}.csv"'
    writer = csv.writer(response)
    layers, foreign = (
        [layer for layer in (*LAYERS, UNCLAIMED) if layer in answer.total.layers],
        sorted({part.currency for part in answer.foreign}),
    )
    beside = [f"{what}_{code}" for code in foreign for what in ("original", "left_out")]
    writer.writerow(["key", "name", "currency", *layers, "total", *beside])
    nobody = [answer.unclaimed] if answer.unclaimed and answer.question.by not in IN_TIME else []
    for row in [*answer.all_rows, *nobody, answer.total]:
        amounts = [exact_text(row.layers.get(layer, Decimal(0))) for layer in layers]
        kept = [exact_text(sums.get(code, Decimal(0))) for code in foreign for sums in (row.originals, row.left_out)]
        name, key = safe_cell(row.name), safe_cell(row.name if row.is_masked else row.key or "")
        writer.writerow([key, name, answer.question.currency, *amounts, exact_text(row.total), *kept])
    return response
