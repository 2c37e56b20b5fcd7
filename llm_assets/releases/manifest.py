"""The manifest of a release: one JSON object that says which files hold what, and how it was made.

A loader needs nothing else: a part's `location` starts at `root`, which starts at the manifest's
own folder, and every file says its format and split. Offset N of a split is the position in the
token streams of that split's parts, end to end, in the order of `parts`.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from llm_assets.corpus.identity import digest
from llm_assets.corpus.schema import Split

MANIFEST_VERSION: Final = 1
MANIFEST_FILE: Final = "manifest.json"
CARD_FILE: Final = "card.html"
"""The corpus card, beside the manifest."""
VERSION_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"

FileFormat = Literal["megatron", "parquet", "npy", "mds", "jsonl", "documents"]
"""`documents`: the side tables, which say where the tokens came from and what was left out."""

_OF_THE_COPY: Final = frozenset(
    {
        *("version", "created_at", "notes", "software", "root", "content_hash"),
        *("formats", "left_out_formats"),
    }
)
"""What may differ between two manifests of the same content."""


_STEP_UP = "must lead downwards: no '..', no '/' or drive in front"


class ReleaseError(Exception):
    """A release cannot be made, found or read; the message says what to do."""


class ChecksFailedError(ReleaseError):
    """Blocking checks do not hold, or files are not as they should be; the message names them."""


def _leads_downwards(path: str) -> str:
    """Refuse a path that leaves the place it starts from: a manifest may be somebody else's."""
    parts = path.replace("\\", "/").split("/")
    if ".." in parts or path.startswith(("/", "\\")) or ":" in parts[0] or "\0" in path:
        raise ValueError(_STEP_UP)
    return path


PathBelow = Annotated[str, AfterValidator(_leads_downwards)]
"""A relative path, with `/` on every system."""


class _Entry(BaseModel):
    """A part of the manifest. Keys that a later release of this program adds are kept."""

    model_config = ConfigDict(frozen=True, extra="allow")


class ReleaseFile(_Entry):
    """One file."""

    name: PathBelow
    """Below its part's location."""
    bytes: int
    hash: str
    """32 hex digits of its SHA-256."""
    format: FileFormat
    split: Split | None
    """None for a side table, which has rows of every split."""
    original: PathBelow | None = None
    """In a copy: its name in the part's own folder."""

    @property
    def original_name(self) -> str:
        """Its name in the part's own folder, wherever it is."""
        return self.original or self.name


class StreamCount(_Entry):
    """How long a part's token stream of one split is."""

    tokens: int
    sequences: int


class Count(_Entry):
    """Documents and tokens."""

    documents: int
    tokens: int


class SplitCount(Count):
    """How long a split is, over all parts."""

    sequences: int


class Part(_Entry):
    """One shard's files. Two releases that name the same version share them."""

    shard: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    version: str
    """Names the content of all its files, as in the catalog."""
    location: PathBelow
    """Where file names start, below the root: empty, or with a slash at its end."""
    splits: dict[Split, StreamCount]
    files: list[ReleaseFile]


class TokenizerFile(_Entry):
    """One file of the tokenizer."""

    name: PathBelow
    bytes: int
    hash: str


class TokenizerEntry(_Entry):
    """The tokenizer that made the tokens, and decodes them."""

    location: PathBelow
    file: PathBelow
    kind: Literal["huggingface", "tiktoken", "sentencepiece"]
    vocabulary_size: int
    end_of_document: str
    end_of_document_id: int
    dtype: Literal["uint16", "int32"]
    """Of token ids in `.bin` and `.npy`, little-endian."""
    files: list[TokenizerFile]

    @property
    def names(self) -> set[str]:
        """The names of its files."""
        return {file.name for file in self.files}


class SourceEntry(_Entry):
    """A source as it was when its documents were read."""

    name: str
    kind: str
    location: str
    license: str | None
    weight: float
    manifest: str
    """Names the objects and their versions, over all shards."""
    documents: int
    tokens: int


class MixtureRow(_Entry):
    """Documents and tokens of one kind in one split; the mixture's repeats count as tokens."""

    split: Split
    source: str
    license: str
    language: str
    documents: int
    tokens: int


class Manifest(_Entry):
    """A release."""

    manifest_version: Literal[1] = MANIFEST_VERSION
    corpus: str
    version: Annotated[str, Field(pattern=VERSION_NAME)]
    created_at: str
    content_hash: str = ""
    """Names what is in the release, wherever it is and whatever it is called."""
    notes: str = ""
    root: Literal["./", "../../"]
    """Where locations start, as seen from the manifest's own folder."""
    recipe: dict[str, Any]
    software: dict[str, str]
    sources: list[SourceEntry]
    tokenizer: TokenizerEntry
    sequence_length: int | None
    """Tokens of every sequence; None where a sequence is a document."""
    formats: list[FileFormat]
    left_out_formats: list[FileFormat] = []
    """Formats that the release has, but this copy of it has not."""
    splits: dict[Split, SplitCount]
    parts: list[Part]
    licenses: dict[str, Count]
    languages: dict[str, Count]
    mixture: list[MixtureRow]
    funnel: list[dict[str, Any]]
    figures: dict[str, dict[str, Any]]
    """Figures of each asset over all shards, by the asset's name (see `corpus.report`)."""

    def sealed(self) -> "Manifest":
        """Return this manifest with the hash of its content."""
        return self.model_copy(update={"content_hash": content_hash(self.model_dump(mode="json"))})

    def to_json(self) -> bytes:
        """Return the file's bytes."""
        document = self.model_dump(mode="json")
        for part in document["parts"]:
            part["files"] = [
                {name: value for name, value in file.items() if (name, value) != ("original", None)}
                for file in part["files"]
            ]
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
        return f"{text}\n".encode()

    @property
    def size_bytes(self) -> int:
        """What the files of all parts take."""
        return sum(file.bytes for part in self.parts for file in part.files)


def content_hash(document: Mapping[str, Any]) -> str:
    """Name the content of a manifest, be it where it was made or a copy of some of its formats.

    A part is named by its version, which names the bytes of all its files; so neither files nor
    places are looked at.
    """
    content = {name: value for name, value in document.items() if name not in _OF_THE_COPY}
    content["parts"] = [
        {name: part[name] for name in ("shard", "version", "splits")} for part in document["parts"]
    ]
    content["tokenizer"] = {k: v for k, v in document["tokenizer"].items() if k != "location"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return digest(("release", text))


def read_manifest(content: bytes, place: str) -> Manifest:
    """Read a manifest.

    Args:
        content: the file's bytes.
        place: its address, for the message.

    Raises:
        ReleaseError: if it is no manifest of a known version.
    """
    try:
        document = json.loads(content)
        version = document.get("manifest_version")
        if version != MANIFEST_VERSION:
            raise ReleaseError(
                f"{place}: manifest version {version!r} is not known here, {MANIFEST_VERSION} is: "
                "was it written by a later release of llm-assets?"
            )
        return Manifest.model_validate(document)
    except (ValueError, AttributeError, ValidationError) as error:
        raise ReleaseError(f"{place} is no release manifest: {_first_line(error)}") from None


def part_version(hashes: Mapping[str, str]) -> str:
    """Name the content of a part by its files' hashes: the version that the catalog has."""
    return digest(part for item in sorted(hashes.items()) for part in item)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).partition("\n")[0]
