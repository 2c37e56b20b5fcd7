"""Passages of one text, in plain Python."""

from llm_assets.corpus.passages.passages import PassagePlan


def passages_of(text: str, unit: str) -> list[str]:
    """Return the passages of a text, stripped and in lower case."""
    if unit == "line":
        return [line.strip().lower() for line in text.split("\n") if line.strip()]
    found, lines = [], []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            found.append("\n".join(lines).strip().lower())
            lines = []
    return found


def words_of(passage: str) -> int:
    unspaced = sum("\u3400" <= c < "\ua000" for c in passage)
    spaced = "".join(" " if "\u3400" <= c < "\ua000" else c for c in passage)
    return len(spaced.split()) + unspaced // 2


def is_compared(passage: str, plan: PassagePlan) -> bool:
    return words_of(passage) >= plan.min_words and len(passage) >= plan.min_chars
