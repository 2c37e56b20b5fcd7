"""Lets tools that know only setup.py build the project; everything is said in pyproject.toml."""

from setuptools import setup

setup()
