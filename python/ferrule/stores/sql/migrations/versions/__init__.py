"""Revisions, one file each: r_<revision>_<what>.py."""
