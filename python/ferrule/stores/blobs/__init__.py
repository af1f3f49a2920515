"""Engines behind the blobs port."""
