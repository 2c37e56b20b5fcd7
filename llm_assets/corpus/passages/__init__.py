"""What stands in several documents: lines, paragraphs, and spans of tokens."""
