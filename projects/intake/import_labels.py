"""The stage labels of a file, how often each stands, and what it means so far."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from projects.intake.import_mapping import PortfolioMap
from projects.intake.import_records import Reading, stage_meant
from projects.intake.import_stages import Stage
from projects.intake.import_values import is_blank, one_line

SHOWN = 60


@dataclass(frozen=True)
class Labelled:
    """A label ("" for none), its rows, and our stage, or "" where a person must say."""

    label: str
    rows: int
    stage: str


def stage_labels(reading: Reading, mapping: PortfolioMap) -> Sequence[Labelled]:
    """Return the labels of a file, those to ask about first, then the most frequent; at most as many as fit a page."""
    texts = (one_line(reading.plan.cell(line, "stage")[1]) for line in reading.table.lines)
    counts = (
        Counter("" if is_blank(text) else text for text in texts) if reading.plan.columns.get("stage") else Counter()
    )
    told = [Labelled(label, rows, _stage(label, mapping)) for label, rows in counts.items()]
    return sorted(told, key=lambda labelled: (labelled.stage != "", -labelled.rows, labelled.label))[:SHOWN]


def _stage(label: str, mapping: PortfolioMap) -> str:
    stage = stage_meant(label, mapping) if label else mapping.blank_stage or Stage.CONCEPT
    return stage.value if stage else ""
