import pytest

from projects.common.marks.pips import stage_index, stage_on_paper


@pytest.mark.parametrize(("stage", "index"), [("concept", 0), ("MVP", 1), ("Sunset", 5)])
def test_stage_has_its_place(stage, index):
    assert stage_index(stage) == index


def test_unknown_stage_is_an_error():
    with pytest.raises(ValueError, match="idea"):
        stage_index("idea")


def test_stage_on_paper_tells_place_and_word():
    drawn = stage_on_paper("pilot")

    assert drawn.label == "Stage Pilot, 3 of 6"
    assert [shape.kind for shape in drawn.shapes] == ["pip", "pip", "pip-now", *["pip-later"] * 3, "t-b"]
