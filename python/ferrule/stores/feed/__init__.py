"""Engines behind the feed port."""
