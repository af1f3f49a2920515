"""The only HTTP client: one server with its key, what its answers mean, and GraphQL on top."""
