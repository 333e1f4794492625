import pytest

from projects.initiatives.choices import Stage as RegisterStage
from projects.intake.import_stages import Stage, propose_stage, stage_named


def test_our_stages_are_those_of_the_register_in_its_order():
    assert [(stage.name.lower(), stage.value) for stage in Stage] == list(RegisterStage.choices)


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("Initiated", Stage.CONCEPT),
        ("Acquisition and/or Development", Stage.MVP),
        ("Implementation and Assessment", Stage.PILOT),
        ("Operation and Maintenance", Stage.LAUNCH),
        ("Retired", Stage.SUNSET),
        ("Planned (not in production)", Stage.CONCEPT),
        ("In production: less than six months", Stage.LAUNCH),
        ("Pre-deployment – The use case is in a development or acquisition status.", Stage.MVP),
        ("Deployed - in use", Stage.LAUNCH),
        ("a) Pre-deployment – The use case is in a development or acquisition status.", Stage.MVP),
        ("(B) Pilot", Stage.PILOT),
        ("4. Retired", Stage.SUNSET),
        ("iii) Deployed", Stage.LAUNCH),
        ("  OPERATION  and\nmaintenance. ", Stage.LAUNCH),
        ("scale", Stage.SCALE),
        ("PILOT", Stage.PILOT),
    ],
)
def test_known_labels_have_a_stage(label, stage):
    assert propose_stage(label) is stage


@pytest.mark.parametrize(
    "label", ["", "Completed", "Refinments planned for future release", "Amber/Red", "pilotage", "a)", "b) other"]
)
def test_an_unknown_label_is_asked_about(label):
    assert propose_stage(label) is None


def test_every_stage_is_known_by_its_own_name():
    assert [propose_stage(stage.value) for stage in Stage] == list(Stage)


@pytest.mark.parametrize(
    ("name", "stage"), [("mvp", Stage.MVP), (" Sunset ", Stage.SUNSET), ("live", None), ("", None)]
)
def test_only_our_own_names_name_a_stage(name, stage):
    assert stage_named(name) is stage
