"""The units that vendors count and price, each with its place in the family of units.

A unit is placed by its dimensions: cached audio input is also audio input, cached input, and input. The wider unit's
count includes the narrower one's. Names are those of the genai-prices data, so that a sheet reads without a mapping.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

MILLION, THOUSAND, HOUR = 1_000_000, 1_000, 3_600
MODALITIES = ("", "text", "audio", "image", "video")


@dataclass(frozen=True)
class Unit:
    """A countable thing: its name in usage, its name in price lists, and how many of it one price covers."""

    usage_key: str
    price_key: str
    per: int
    dimensions: frozenset[tuple[str, str]]

    def includes(self, other: "Unit") -> bool:
        """Say whether every unit of the other kind is also one of this kind."""
        return self.dimensions <= other.dimensions

    @property
    def direction(self) -> str:
        """Return ``input``, ``output``, or nothing for fees that are neither."""
        return dict(self.dimensions).get("direction", "")


def _unit(usage_key: str, price_key: str, per: int, **dimensions: str) -> Unit:
    return Unit(usage_key, price_key, per, frozenset((key, value) for key, value in dimensions.items() if value))


def _tokens(stem: str, **dimensions: str) -> Unit:
    return _unit(f"{stem}_tokens", f"{stem}_mtok", MILLION, family="tokens", **dimensions)


def _token_units() -> Iterator[Unit]:
    for direction, modality in product(("input", "output"), MODALITIES):
        yield _tokens("_".join(filter(None, (direction, modality))), direction=direction, modality=modality)
    for modality in MODALITIES:
        cached = "_".join(filter(None, ("cache", modality)))
        read = {"direction": "input", "modality": modality, "token_type": "cache_read"}
        write = {**read, "token_type": "cache_write"}
        yield _tokens(f"{cached}_read", **read)
        yield _tokens(f"{cached}_write", **write)
        for lifetime in ("5m", "1h"):
            yield _tokens(f"{cached}_write_{lifetime}", **write, cache_ttl=lifetime)
        for direction, kind in (("input", "tool"), ("output", "reasoning"), ("output", "citation")):
            stem = "_".join(filter(None, (direction, modality, kind)))
            yield _tokens(stem, direction=direction, modality=modality, token_type=kind)


def _other_units() -> Iterator[Unit]:
    yield _unit("requests", "requests_kcount", THOUSAND, family="requests")
    yield _unit("rerank_searches", "rerank_searches_kcount", THOUSAND, family="rerank")
    for plural, tool in (
        ("web_searches", "web_search"),
        ("social_searches", "social_search"),
        ("storage_searches", "storage_search"),
        ("code_executions", "code_execution"),
    ):
        yield _unit(plural, f"{plural}_kcount", THOUSAND, family="tool_calls", tool_type=tool)
    yield _unit("input_characters", "input_mchars", MILLION, family="characters", direction="input")
    yield _unit(
        "input_text_messages", "input_text_messages_kcount", THOUSAND,
        family="messages", direction="input", modality="text",
    )  # fmt: skip
    yield _unit("audio_seconds", "audio_hours", HOUR, family="durations", modality="audio")
    for direction in ("input", "output"):
        yield _unit(
            f"{direction}_audio_seconds", f"{direction}_audio_hours", HOUR,
            family="durations", direction=direction, modality="audio",
        )  # fmt: skip
    yield _unit("input_pixels", "input_gpixels", THOUSAND * MILLION, family="pixels", direction="input")
    pages = {"family": "document_pages", "direction": "input"}
    yield _unit("input_document_pages", "input_document_kpages", THOUSAND, **pages)
    yield _unit(
        "input_annotated_document_pages", "input_annotated_document_kpages", THOUSAND, **pages, page_type="annotated"
    )


UNITS: Mapping[str, Unit] = {unit.usage_key: unit for unit in (*_token_units(), *_other_units())}
BY_PRICE_KEY: Mapping[str, Unit] = {unit.price_key: unit for unit in UNITS.values()}
