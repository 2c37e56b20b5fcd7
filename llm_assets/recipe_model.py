"""What every part of a corpus file is: frozen, strict, and documented key by key."""

from typing import Final

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

LANGUAGE: Final = r"^[a-z]{2,3}$"
"""How a language is written: ISO 639."""


class Model(BaseModel):
    """A part of a corpus file. The docstring below a field is its line in the reference."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


def mistake(message: str, *at: str | int) -> PydanticCustomError:
    """Return an error for the field `at`, below the one that is validated."""
    return PydanticCustomError("mistake", "{message}", {"message": message, "at": at})
