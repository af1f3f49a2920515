"""The service's decisions, pure: values in, values out."""
