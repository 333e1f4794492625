from genai_prices.data_units import unit_data

from projects.prices.units import BY_PRICE_KEY, UNITS


def test_units_are_those_of_the_public_price_data():
    ours = {key: (unit.price_key, unit.per, dict(unit.dimensions)) for key, unit in UNITS.items()}
    theirs = {key: (raw.get("price_key", key), raw["per"], raw["dimensions"]) for key, raw in unit_data.items()}

    assert ours == theirs


def test_every_unit_has_a_price_key_of_its_own():
    assert len(BY_PRICE_KEY) == len(UNITS)


def test_input_includes_cached_audio_input_but_not_output():
    assert UNITS["input_tokens"].includes(UNITS["cache_audio_read_tokens"])
    assert not UNITS["cache_audio_read_tokens"].includes(UNITS["input_tokens"])
    assert not UNITS["input_tokens"].includes(UNITS["output_tokens"])


def test_a_search_fee_is_neither_input_nor_output():
    assert UNITS["web_searches"].direction == ""
    assert UNITS["cache_write_1h_tokens"].direction == "input"
    assert UNITS["output_reasoning_tokens"].direction == "output"
