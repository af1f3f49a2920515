"""Engines behind the history port."""
