"""The server's routes: one file per family, each with its contract in the docstring."""
