"""The inks of series that are no cost layer: seen on both themes, told apart by every eye, and nobody else's."""

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

from projects.common.marks.ink import INK

TOKENS = Path("static/css/tokens.css").read_text(encoding="utf-8")
SERIES = ("s1", "s2", "s3", "s4", "s5")
MEANINGS = ("l1", "l2", "l3", "l4", "spend", "value", "over")
# How eyes without one kind of cone see linear light, at full strength: Machado, Oliveira and Fernandes, 2009.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def theme(start):
    return dict(re.findall(r"--(?:d-)?([a-z0-9]+): (#[0-9a-f]{6});", TOKENS[TOKENS.index(start) :].split("\n}")[0]))


THEMES = {
    "light": theme(":root {"),
    "dark by the system": theme("@media screen and (prefers-color-scheme: dark)"),
    "dark by choice": theme(':root[data-theme="dark"]'),
}


def linear(ink):
    parts = [int(ink[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(ink, ground):
    darker, lighter = sorted(
        sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear(one), strict=True)) + 0.05
        for one in (ink, ground)
    )
    return lighter / darker


def lab(ink, eye):
    red, green, blue = (min(1, max(0, sum(a * b for a, b in zip(row, linear(ink), strict=True)))) for row in EYES[eye])
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in (
            (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
            0.2126729 * red + 0.7151522 * green + 0.072175 * blue,
            (0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one, other):
    """Return CIEDE2000."""
    (light_1, a_1, b_1), (light_2, a_2, b_2) = one, other
    mean = (math.hypot(a_1, b_1) + math.hypot(a_2, b_2)) / 2
    stretch = 1.5 - 0.5 * math.sqrt(mean**7 / (mean**7 + 25**7))
    a_1, a_2 = a_1 * stretch, a_2 * stretch
    chroma_1, chroma_2 = math.hypot(a_1, b_1), math.hypot(a_2, b_2)
    hue_1, hue_2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a_1, b_1), (a_2, b_2)))
    turn = (hue_2 - hue_1 + 180) % 360 - 180
    hue, light, chroma = (hue_1 + turn / 2) % 360, (light_1 + light_2) / 2, (chroma_1 + chroma_2) / 2
    terms = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    weight = 1 + sum(size * math.cos(math.radians(times * hue + plus)) for size, times, plus in terms)
    by_light = (light_2 - light_1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    by_chroma = (chroma_2 - chroma_1) / (1 + 0.045 * chroma)
    by_hue = 2 * math.sqrt(chroma_1 * chroma_2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * weight)
    bend = (
        2
        * math.sqrt(chroma**7 / (chroma**7 + 25**7))
        * math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    )
    return math.sqrt(by_light**2 + by_chroma**2 + by_hue**2 - bend * by_chroma * by_hue)


def test_distance_is_that_of_the_published_examples():
    assert distance((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=0.0001)
    assert distance((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=0.0001)
    assert distance((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286)) == pytest.approx(0.6377, abs=0.0001)


@pytest.mark.parametrize("name", THEMES)
def test_each_series_is_seen_on_its_panel(name):
    inks = THEMES[name]

    assert {
        one: contrast(inks[one], inks["surface"]) for one in SERIES if contrast(inks[one], inks["surface"]) < 3
    } == {}


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", THEMES)
def test_every_eye_tells_the_series_apart(name, eye):
    seen = {one: lab(THEMES[name][one], eye) for one in SERIES}

    assert min(distance(seen[one], seen[other]) for one, other in combinations(SERIES, 2)) >= 17


@pytest.mark.parametrize("name", THEMES)
def test_no_series_is_taken_for_a_cost_layer_or_a_measure(name):
    seen = {one: lab(THEMES[name][one], "all cones") for one in SERIES[:4] + MEANINGS}

    assert min(distance(seen[one], seen[other]) for one in SERIES[:4] for other in MEANINGS) >= 12


def test_dark_is_the_same_by_the_system_and_by_choice():
    assert THEMES["dark by the system"] == THEMES["dark by choice"]


@pytest.mark.parametrize("one", SERIES + MEANINGS[:5])
def test_paper_repeats_the_light_theme(one):
    assert f'fill="{THEMES["light"][one]}"' in INK[one]
