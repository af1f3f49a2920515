"""Settings: what the user chose, where each choice came from, and what follows from it.

`fields` is the one table; `model` is the machinery that checks values against it; `derived` holds
the properties that follow from values; `settings` is the public class; `sources` puts the layers
(files, environment, machine) in order.
"""
