"""Names that look alike: trigram similarity as the database counts it, for many names at once.

Only names that share one of their rarest trigrams can be similar enough, so each name is compared with few others.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil

SIMILAR = Fraction(3, 5)
HUNDREDTH = Decimal("0.01")
Trigrams = frozenset[str]


@dataclass(frozen=True)
class Named:
    """One initiative as far as likeness goes; ``group`` is its organisation, "" for our own."""

    number: int
    group: str
    name: str


@dataclass(frozen=True)
class Likeness:
    """An older name and how similar it is, 1 being equal but for case and punctuation."""

    number: int
    similarity: Decimal


def trigrams(name: str) -> Trigrams:
    """Return the trigrams of every word of a name, in lower case, two spaces before a word and one after it."""
    words = (f"  {word} " for word in re.findall(r"\w+", name.lower().replace("_", " ")))
    return frozenset(word[start : start + 3] for word in words for start in range(len(word) - 2))


def likenesses(
    older: Iterable[Named], newer: Iterable[Named], *, threshold: Fraction = SIMILAR, limit: int = 3
) -> dict[int, list[Likeness]]:
    """Return for each newer name the older ones of its own group or of ours that are similar, the most similar first.

    A newer name counts as older for those after it.
    """
    before, after = list(older), list(newer)
    sets = {named.number: trigrams(named.name) for named in (*before, *after)}
    rarity = Counter(trigram for found in sets.values() for trigram in found)
    index: defaultdict[str, list[Named]] = defaultdict(list)
    found: dict[int, list[Likeness]] = {}
    for position, named in enumerate((*before, *after)):
        telling = _telling(sets[named.number], rarity, threshold)
        if position >= len(before) and (alike := _alike(named, telling, index, sets, threshold)):
            found[named.number] = alike[:limit]
        for trigram in telling:
            index[trigram].append(named)
    return found


def _telling(own: Trigrams, rarity: Counter[str], threshold: Fraction) -> Sequence[str]:
    """Return the rarest trigrams, so many that a name without any of them shares less than the threshold."""
    return sorted(own, key=lambda trigram: (rarity[trigram], trigram))[: len(own) - ceil(threshold * len(own)) + 1]


def _alike(
    named: Named, telling: Sequence[str], index: dict[str, list[Named]], sets: dict[int, Trigrams], threshold: Fraction
) -> list[Likeness]:
    own = sets[named.number]
    others = {
        other.number for trigram in telling for other in index.get(trigram, ()) if other.group in (named.group, "")
    }
    alike = []
    for number in others:
        shared = len(own & sets[number])
        union = len(own) + len(sets[number]) - shared
        if shared >= threshold * union:
            ratio = (Decimal(shared) / union).quantize(HUNDREDTH, ROUND_HALF_EVEN)
            alike.append(Likeness(number, ratio))
    return sorted(alike, key=lambda likeness: (-likeness.similarity, likeness.number))
