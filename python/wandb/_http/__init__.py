"""The only HTTP client of the package."""
