"""Which fields of a row hold what, and which names are understood where nobody says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Literal

from llm_assets.formats.record_paths import WHOLE, FieldPath, Template, parse_path
from llm_assets.formats.record_paths import field as field_named

TextFormat = Literal["plain", "html"]
TextFields = tuple[FieldPath, ...] | Template

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        *("text", "body", "content", "message", "review", "review_text", "reviewtext"),
        *("review_body", "comment", "comment_text", "post", "selftext", "article", "document"),
        *("raw_content", "page_content", "story", "tweet", "sentence", "abstract", "description"),
    ),
    "title": ("title", "headline", "subject"),
    "author": ("author", "author_name", "user", "username", "user_name", "screen_name", "reviewer"),
    "published_at": (
        *("published_at", "published", "date", "created_at", "created", "created_utc"),
        *("publish_date", "review_date", "timestamp", "datetime", "time"),
    ),
    "url": ("url", "link", "permalink", "href", "uri"),
    "group_key": (
        *("group_key", "thread_id", "conversation_id", "product_id", "asin", "movie_id"),
        *("business_id", "link_id"),
    ),
    "id": (
        *("id", "_id", "doc_id", "review_id", "comment_id", "post_id", "message_id", "tweet_id"),
        *("uuid", "guid"),
    ),
    "language": ("language", "lang"),
    "license": ("license", "licence"),
}
"""What a field is for -> names that say so, the first of them that a row has; in any case."""

LABEL_NAMES: Final = (
    *("label", "labels", "category", "categories", "class", "rating", "stars", "score", "overall"),
    *("sentiment", "emotion", "section", "topic", "topics", "tags", "genre"),
)
"""Names of fields that are labels."""

_TOGETHER: Final = (
    ("instruction", "input", "output"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
)
"""Names of fields that are a text together, in this order."""

_CHATS: Final = (("messages", "content"), ("conversations", "value"))
"""Lists of messages, and what of each is its text; the list is a label, so that roles stay."""


@dataclass(frozen=True, slots=True)
class RecordFields:
    """Where the parts of a document stand in a row; None for what no field holds.

    Where `text` is None, the names of a row's own fields decide about all parts that are None.
    """

    text: TextFields | None = None
    title: FieldPath | None = None
    author: FieldPath | None = None
    published_at: FieldPath | None = None
    url: FieldPath | None = None
    group_key: FieldPath | None = None
    id: FieldPath | None = None
    language: FieldPath | None = None
    license: FieldPath | None = None
    labels: Mapping[str, FieldPath] = field(default_factory=dict)
    text_format: TextFormat = "plain"

    @property
    def is_silent(self) -> bool:
        """Whether no field is named at all."""
        return next(self.paths(), None) is None

    @property
    def by_position(self) -> bool:
        """Whether fields are named by their place, as in a table without names: `[0]`."""
        return any(path.text.startswith("[") for path in self.paths())

    @property
    def columns(self) -> list[str] | None:
        """The fields of a row that are read; None for all."""
        # What names a row without an id is its whole content.
        if self.text is None or self.id is None:
            return None
        columns = {name for path in self.paths() for name in (path.text, path.column)}
        return None if WHOLE in columns else sorted(columns)

    def text_paths(self) -> Iterator[FieldPath]:
        """Yield the paths that texts are made of, where they are named."""
        if self.text is not None:
            yield from self.text.paths if isinstance(self.text, Template) else self.text

    def paths(self) -> Iterator[FieldPath]:
        """Yield every path that is named."""
        yield from self.text_paths()
        yield from (path for name in NAMES if name != "text" and (path := getattr(self, name)))
        yield from self.labels.values()


GUESSED: Final = RecordFields()
"""Nothing is said: names decide."""


def fields_for(fields: RecordFields, names: tuple[str, ...]) -> RecordFields:
    """Return the fields that hold for a row with these names: those that are said go first.

    Where nothing is found for the text, it is None still.
    """
    if fields.text is not None:
        return fields
    guessed = _guessed(names, fields.text_format)
    if fields.is_silent:
        return guessed
    said = {name: path for name in NAMES if (path := getattr(fields, name)) is not None}
    return replace(guessed, **said, labels=fields.labels or guessed.labels)


def describe_fields(fields: RecordFields) -> dict[str, str]:
    """Say for each part of a document which field holds it, or which names are understood."""
    guesses = fields.text is None
    said: dict[str, str] = {}
    for part, names in NAMES.items():
        path = getattr(fields, part)
        if isinstance(path, FieldPath):
            said[part] = path.text
        elif isinstance(path, Template):
            said[part] = "".join(p if isinstance(p, str) else f"{{{p.text}}}" for p in path.parts)
        elif path is not None:
            said[part] = ", ".join(each.text for each in path)
        elif guesses:
            said[part] = f"the first of {', '.join(names)}"
    for name, path in fields.labels.items():
        said[f"label {name}"] = path.text
    if guesses and not fields.labels:
        said["labels"] = f"all of {', '.join(LABEL_NAMES)}"
    return said


@lru_cache(maxsize=256)
def _guessed(names: tuple[str, ...], text_format: TextFormat) -> RecordFields:
    known = {name.lower(): name for name in reversed(names)}
    found = {
        part: next((field_named(known[name]) for name in candidates if name in known), None)
        for part, candidates in NAMES.items()
        if part != "text"
    }
    labels = {known[name]: field_named(known[name]) for name in LABEL_NAMES if name in known}
    chats = [known[name] for name, _ in _CHATS if name in known]
    return RecordFields(
        text=_guessed_text(known),
        **found,
        labels={**labels, **{name: field_named(name) for name in chats}},
        text_format=text_format,
    )


def _guessed_text(known: Mapping[str, str]) -> TextFields | None:
    for name in NAMES["text"]:
        if name in known:
            return (field_named(known[name]),)
    for names in _TOGETHER:
        if all(name in known for name in names):
            return tuple(field_named(known[name]) for name in names)
    for name, part in _CHATS:
        if name in known:
            return (parse_path(f"{name}[*].{part}"),)
    return None
