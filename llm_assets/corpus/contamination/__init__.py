"""Evaluation sets in the corpus: what is looked for, what is found, and what is cut."""
