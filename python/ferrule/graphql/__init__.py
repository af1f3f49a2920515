"""The GraphQL surface: one SDL file, resolvers bound to it, documents checked once."""
