"""Web pages: main content, and what a page says of itself."""
