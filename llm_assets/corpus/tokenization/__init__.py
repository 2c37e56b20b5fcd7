"""Texts -> token ids and back: vocabularies of three kinds, and what makes one."""
