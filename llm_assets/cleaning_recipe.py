"""The `cleaning` section of a recipe: how documents become text, and which are kept."""

import difflib
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, field_validator

from llm_assets.corpus.profiles.profile_names import PROFILE_NAMES, unknown_profile
from llm_assets.recipe_model import LANGUAGE, Model, mistake

Redaction = Literal[
    "email", "phone", "ip", "credit_card", "iban", "national_id", "api_key", "private_key"
]
LineStep = Literal["site_boilerplate", "cookie_banners", "navigation"]
Extractor = Literal["default", "fast", "trafilatura", "all-text"]

REASON: Final = r"^[a-z][a-z0-9_]{0,62}$"
"""How the reason of a rule is written."""


def _is_profile(name: str) -> str:
    if name in PROFILE_NAMES:
        return name
    if not name.startswith("fineweb2@"):
        raise mistake(unknown_profile(name))
    # Not above: the profiles bring compiled kernels with them.
    from llm_assets.corpus.profiles.filters import profile_named

    try:
        profile_named(name)
    except KeyError as error:
        raise mistake(str(error.args[0])) from None
    return name


Profile = Annotated[str, AfterValidator(_is_profile)]


class UrlLists(Model):
    """Pages that are refused for their URL, before they are read.

    Each list is a file, relative to the corpus file: one entry a line, `#` in front of comments.
    """

    domains: str | None = None
    """Registered domains and hosts: `example.com` refuses all of its hosts too."""
    urls: str | None = None
    """Whole URLs."""
    hard_words: str | None = None
    """Words of which one in a URL is enough."""
    soft_words: str | None = None
    """Words of which `soft_word_threshold` in a URL are enough."""
    allowed_domains: str | None = None
    """Registered domains and hosts whose pages no list refuses."""
    subwords: str | None = None
    """Character sequences of which one anywhere in a URL is enough."""
    soft_word_threshold: Annotated[int, Field(ge=1)] = 2
    """How many soft words refuse a page."""


class OwnRule(Model):
    """A rule of your own over what is known of a document: its page, its language, its signals."""

    reason: Annotated[str, Field(pattern=REASON)]
    """What the ledger gives as the reason."""
    drop_if: Annotated[str, Field(min_length=1)]
    """A SQL condition on columns of `cleaned_text`, such as `word_count < 20 AND language = 'en'`;
    not on its text and verdict (docs/columns.md)."""


class Cleaning(Model):
    """How a collected document becomes text, and which texts are kept."""

    extractor: Extractor = "default"
    """How the text of a web page is found. `default`: its main content, the best we can; `fast`:
    the same with less care, at higher speed; `trafilatura`: by that library, slowly (install
    `llm-assets[trafilatura]`); `all-text`: all of it, navigation included."""
    urls: UrlLists | None = None
    """Pages that are refused for their URL."""
    lines: list[LineStep] = ["cookie_banners", "navigation"]
    """Lines of web pages that are cut. `cookie_banners`, `navigation`: what only a page's frame
    says; `site_boilerplate`: lines that a site repeats on many of its pages."""
    languages: list[Annotated[str, Field(pattern=LANGUAGE)]] = []
    """Keep these languages (ISO 639) only; all when empty."""
    language_score: Annotated[float, Field(ge=0, le=1)] = 0.65
    """Least confidence of the language identification (FineWeb: 0.65)."""
    filters: list[Profile] = ["gopher@paper", "fineweb@0.10"]
    """Quality profiles that web pages must pass, in this order (docs/quality-profiles.md)."""
    book_filters: list[Profile] = ["books@1"]
    """Quality profiles that books must pass: the web's limits on length do not fit them."""
    record_filters: list[Profile] = ["records@1"]
    """Quality profiles that records must pass: a review may have two words."""
    thresholds: dict[str, float] = {}
    """Limits of profiles' rules by their reason, instead of the published ones, such as
    `gopher_short_doc: 30`. Try them with `llm-assets retune`."""
    rules: list[OwnRule] = []
    """Rules of your own, asked after the profiles."""
    redact: list[Redaction] = ["email", "phone", "ip"]
    """Personal data and secrets replaced by placeholders."""

    def filters_of(self, kind: str) -> list[Profile]:
        """Return the quality profiles of a kind of source."""
        return {"books": self.book_filters, "records": self.record_filters}.get(kind, self.filters)

    @field_validator("thresholds")
    @classmethod
    def _known_reasons(cls, value: dict[str, float]) -> dict[str, float]:
        if not value:
            return value
        from llm_assets.corpus.profiles.filters import REASONS

        for reason in value:
            if reason not in REASONS:
                near = difflib.get_close_matches(reason, REASONS, n=1)
                fix = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(REASONS)}"
                raise mistake(f"no rule has the reason '{reason}': {fix}", reason)
        return value

    @field_validator("rules")
    @classmethod
    def _conditions(cls, value: list[OwnRule]) -> list[OwnRule]:
        if not value:
            return value
        from llm_assets.corpus.verdicts import condition_problem

        for index, rule in enumerate(value):
            problem = condition_problem(rule.drop_if)
            if problem is not None:
                raise mistake(problem, index, "drop_if")
        return value
