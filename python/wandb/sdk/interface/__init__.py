"""A face without names: the original's channel to its service, which is another here."""
