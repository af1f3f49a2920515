"""What the server's rules ask of storage: protocols whose docstrings are the contracts."""
