"""Bytes of one object -> records. Pure, and safe on hostile input."""
