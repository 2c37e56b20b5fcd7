"""What a word tells: how much likelier text with it is content than other text of its page."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

_PRIOR_PAGES = 4.0
"""Pages on which a word is taken to tell nothing, before any is counted."""


def word_odds(
    pages: Iterable[tuple[str, float, Mapping[str, Sequence[float]]]],
    *,
    min_sites: int,
    min_odds: float,
    limit: int | None = None,
) -> dict[str, int]:
    """Return how telling words are, as logarithms of odds in thousandths.

    Each page counts alike, whatever its length, so that no page decides alone.

    Args:
        pages: of each its site, the share of its text that is content, and by word the amount of
            text that the word is on, and of it the amount that is content.
        min_sites: words of fewer sites are left out: they tell of sites, not of content.
        min_odds: words that tell less are left out.
        limit: at most this many words, the most telling on most pages.
    """
    seen = defaultdict(list)
    for site, usual, counts in pages:
        for word, (all_of_it, inside) in counts.items():
            if len(word) > 1 and not word.isdigit() and all_of_it:
                seen[word].append((site, inside / all_of_it, usual))
    found = []
    for word, places in seen.items():
        if len({site for site, *_ in places}) < min_sites:
            continue
        usual = sum(place[2] for place in places) / len(places)
        usual = min(0.98, max(0.02, usual))
        content = sum(place[1] for place in places) + _PRIOR_PAGES * usual
        other = len(places) + _PRIOR_PAGES - content
        odds = math.log(content / other) - math.log(usual / (1 - usual))
        if abs(odds) >= min_odds:
            found.append((-abs(odds) * math.sqrt(len(places)), word, round(1000 * odds)))
    return {word: odds for _, word, odds in sorted(found)[:limit]}
