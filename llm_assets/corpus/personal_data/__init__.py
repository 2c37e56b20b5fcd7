"""Finding personal data and secrets, kind by kind."""
