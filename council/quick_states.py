"""Let migrations add constraints, indexes and triggers without rendering every related model again.

Each of these operations names its table and carries all that it executes, so the models as they were rendered before it
serve it as well. Rendered anew for each, an empty database takes several times as long to migrate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

OWN = ("projects", "council")
_append_as_django_does = ProjectState._append_option  # type: ignore[attr-defined]


def _append_option(self: ProjectState, app_label: str, model_name: str, option_name: str, obj: Any) -> None:
    if app_label not in OWN:
        _append_as_django_does(self, app_label, model_name, option_name, obj)
        return
    options = self.models[app_label, model_name].options
    options[option_name] = [*options[option_name], obj]


def _add_trigger(self: AddTrigger, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, self.model_name].options
    options["triggers"] = [*options.get("triggers", []), self.trigger]


@contextmanager
def quick_states() -> Iterator[None]:
    """Migrate forwards inside this."""
    with (
        patch.object(ProjectState, "_append_option", _append_option),
        patch.object(AddTrigger, "state_forwards", _add_trigger),
    ):
        yield
