"""Servers for one machine: an embedded PostgreSQL, and an S3 server for tests."""
