"""What was patched of other libraries."""

# Pairs of module and name, so that it can be put back.
patched: dict[str, list[list[str]]] = {"tensorboard": [], "keras": [], "gym": []}
