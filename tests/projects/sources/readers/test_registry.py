from pathlib import Path

from projects.sources.readers import kinds
from projects.sources.readers.interface import NO_MAPPING
from projects.sources.readers.plans import Header
from projects.sources.readers.registry import all_kinds, kind_named, kind_of_table
from projects.sources.readers.schema import CANONICAL


def test_every_module_of_kinds_is_known_by_being_there() -> None:
    modules = {path.stem for path in Path(kinds.__path__[0]).glob("*.py")} - {"__init__"}

    assert {kind.name for kind in all_kinds()} >= {"focus", "minimal", "openai_costs", "langfuse"}
    assert len(all_kinds()) == len(modules) + 2  # Azure and the gateway's daily tables have two
    assert len({kind.name for kind in all_kinds()}) == len(all_kinds())


def test_the_finer_kind_is_asked_before_focus_and_the_minimal_profile_last() -> None:
    ranks = {kind.name: kind.rank for kind in all_kinds()}

    assert ranks["litellm_focus"] > ranks["focus"] > ranks["minimal"]
    assert kind_named("focus") is not None
    assert kind_named("none") is None
    assert kind_of_table(Header(("a", "b")), "table") is None


def test_kinds_of_documents_name_canonical_columns_only() -> None:
    for kind in all_kinds():
        if kind.fields:
            plan = kind.plan(Header(kind.fields), NO_MAPPING)
            assert set(plan.columns) | set(plan.constants) <= set(CANONICAL), kind.name
            assert set(plan.columns.values()) <= set(kind.fields), kind.name
