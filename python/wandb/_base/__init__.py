"""Small things every room may use, and that know nothing of any room."""
