"""Faces: what belongs to other values."""
