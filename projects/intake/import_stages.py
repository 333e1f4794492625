"""Whose word for a stage is ours: labels of public inventories and common ones, and the labels to ask about."""

import re
from enum import StrEnum


class Stage(StrEnum):
    """Our six stages, in order."""

    CONCEPT = "Concept"
    MVP = "MVP"
    PILOT = "Pilot"
    LAUNCH = "Launch"
    SCALE = "Scale"
    SUNSET = "Sunset"

    @property
    def code(self) -> str:
        """Return the stage as the register keeps it."""
        return self.name.lower()


LABELS: dict[Stage, str] = {
    Stage.CONCEPT: "concept|idea|ideation|initiated|initiation|planned|planning|planning stage|discovery|proposal"
    "|proposed|exploration|research|investigating|backlog|not started|intake|pre initiation|pre-initiation",
    Stage.MVP: "mvp|minimum viable product|prototype|proof of concept|poc|development|in development|under development"
    "|currently under development|initial development|acquisition and/or development|acquisition and development"
    "|development and acquisition|acquisition/development|pre-deployment|pre deployment|alpha|build|design|building",
    Stage.PILOT: "pilot|piloting|in pilot|this is a pilot initiative|trial|beta|testing|in testing|test|implementation"
    "|implementation and assessment|implementation/assessment|user acceptance testing",
    Stage.LAUNCH: "launch|launched|live|deployed|deployment|production|in production|in-production|in use|in-use"
    "|in mission|operation and maintenance|operations and maintenance|operation and management|operational|o&m|rollout",
    Stage.SCALE: "scale|scaled|scaling|at scale|enterprise wide|business as usual",
    Stage.SUNSET: "sunset|retired|retirement|decommissioned|decommissioning|phase out|end of life|discontinued|disposed"
    "|disposition",
}
LIST_MARK = re.compile(r"^\(?(?:[a-z]|[ivx]{1,4}|[0-9]{1,2})[).]\s+")
KNOWN: dict[str, Stage] = {label: stage for stage, labels in LABELS.items() for label in labels.split("|")}


def stage_named(name: str) -> Stage | None:
    """Return our stage of that name, whatever its case."""
    return next((stage for stage in Stage if stage.value.lower() == name.strip().lower()), None)


def propose_stage(label: str) -> Stage | None:
    """Return the stage a label is known to mean, whole or up to its first dash, colon or bracket; else ask.

    A list mark before it, such as "b)" or "2.", does not count.
    """
    text = LIST_MARK.sub("", normal_label(label))
    head = re.split(r"\s+[-–—]+\s+|[(:;]", text, maxsplit=1)[0].strip()
    return KNOWN.get(text) or KNOWN.get(head)


def normal_label(label: str) -> str:
    """Return a label in lower case on one line, so that spellings of one label meet."""
    return " ".join(label.lower().split()).strip(" .")
