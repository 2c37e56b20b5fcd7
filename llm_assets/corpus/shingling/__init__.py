"""Texts as sequences of what two of them may share: normalised tokens, and n-grams of tokens."""
