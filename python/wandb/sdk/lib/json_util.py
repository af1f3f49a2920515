"""A face: JSON. Home: the standard library."""

from json import dump as dump
from json import dumps as dumps
from json import load as load
from json import loads as loads

__all__ = ("dump", "dumps", "load", "loads")
