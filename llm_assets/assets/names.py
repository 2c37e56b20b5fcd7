"""What all assets say in the same words."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

OWNERS = ["team:corpus"]


def column_schema(schema: pl.Schema) -> Mapping[str, Any]:
    """Return a table's columns as definition metadata, for the asset's page."""
    columns = [dg.TableColumn(name, str(kind)) for name, kind in schema.items()]
    return {"dagster/column_schema": dg.TableSchema(columns=columns)}
