"""Faces: what values have in common."""
