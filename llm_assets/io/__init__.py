"""Persistence: the object store, the catalog, and the IO managers over them."""
