"""Classical analysis of texts with NLTK."""
