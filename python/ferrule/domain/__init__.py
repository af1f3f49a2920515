"""Rules, without storage or transport: values in, values or a `PublicError` out."""
