"""llm-assets: from raw web pages and books to training tokens, as Dagster assets."""
