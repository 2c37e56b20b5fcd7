"""`python -m llm_assets`."""

from llm_assets.cli import main

if __name__ == "__main__":
    main()
