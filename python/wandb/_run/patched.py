"""Which classes of other libraries are replaced, by what for; `wandb.patched` of the original."""

patched: dict[str, list[list[str]]] = {"tensorboard": [], "keras": [], "gym": []}
