"""The `fields` of a source of records: where the parts of a document stand in a row."""

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, model_validator

from llm_assets.formats.record_fields import NAMES, RecordFields, TextFields, TextFormat
from llm_assets.formats.record_paths import FieldPath, parse_path, parse_template
from llm_assets.recipe_model import Model, mistake


def _is_path(text: str) -> str:
    try:
        parse_path(text)
    except ValueError as error:
        raise mistake(str(error)) from None
    return text


Path = Annotated[str, AfterValidator(_is_path)]
"""`body`, `user.name`, `items[0].text`, `messages[*].content`; `$` is the whole row."""

_PARTS: Final = tuple(name for name in NAMES if name != "text")


class Fields(Model):
    """Where the parts of a document stand in a row.

    Each is the name of a field, or a path into it: `user.name`, `items[0].text`,
    `messages[*].content`, `$` for the whole row; `[0]` is the first value of a table without names.
    """

    text: str | Annotated[list[Path], Field(min_length=1)] | None = None
    """A field; several, joined by blank lines; or a template: `"{question}\\n\\n{answer}"`. When
    absent, all fields that are not named here are told by usual names (docs/records.md)."""
    title: Path | None = None
    """The title."""
    author: Path | None = None
    """Who wrote it."""
    published_at: Path | None = None
    """When: ISO 8601, RFC 2822, or seconds or milliseconds since 1970; else it is not known."""
    url: Path | None = None
    """Where it stands on the web."""
    group_key: Path | None = None
    """What it belongs to: a thread, a product, a show. A group is never split."""
    id: Path | None = None
    """What names the row in its file: keep it for ever. Without one, its content names it."""
    language: Path | None = None
    """A hint on the language."""
    license: Path | None = None
    """The licence of this text, instead of the source's."""
    labels: dict[str, Path] | list[Path] = {}
    """What to keep for labelled data sets, as it is: names and their fields, or a list of fields.
    """

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        """Say once what is wrong with a text, not once for each form that it could have."""
        if isinstance(value, dict) and "text" in value:
            text = value["text"]
            if text is not None and not isinstance(text, str | list):
                raise mistake("must be a field, a list of fields, or a template", "text")
        return value

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if isinstance(self.text, str):
            try:
                _text_fields(self.text)
            except ValueError as error:
                raise mistake(str(error), "text") from None
        fields = record_fields(self, None)
        by_place = [path.text.startswith("[") for path in fields.paths()]
        if any(by_place) and (not all(by_place) or self.text is None):
            raise mistake(
                "a table without names has none for any field: write [0], [1], ... for all"
            )
        return self


def record_fields(fields: Fields | None, text_format: TextFormat | None) -> RecordFields:
    """Return what a source says of its rows, as readers take it."""
    given = fields or Fields.model_construct()
    labels = given.labels
    by_name = labels if isinstance(labels, dict) else {name: name for name in labels}
    return RecordFields(
        text=None if given.text is None else _text_fields(given.text),
        **{name: _path(getattr(given, name)) for name in _PARTS},
        labels={name: parse_path(path) for name, path in by_name.items()},
        text_format=text_format or "plain",
    )


def _path(text: str | None) -> FieldPath | None:
    return None if text is None else parse_path(text)


def _text_fields(text: str | list[str]) -> TextFields:
    if isinstance(text, list):
        return tuple(parse_path(path) for path in text)
    return parse_template(text) if "{" in text or "}" in text else (parse_path(text),)
