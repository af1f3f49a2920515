"""Runs of a folder shown in place: found, followed and given to a server that lasts as long."""
