"""Kept documents -> what is trained on: how often, in which order, in which sequences."""
