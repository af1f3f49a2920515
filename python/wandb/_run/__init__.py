"""The user's process: a run, what it keeps, and where that goes."""
