"""A face: molecules. Home: `wandb.data_types.molecule`."""

from wandb.data_types.molecule import Molecule as Molecule

__all__ = ("Molecule",)
