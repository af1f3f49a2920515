"""A face: who a key belongs to. Home: `wandb.apis.viewer`."""

from wandb.apis.viewer import Server as Server

__all__ = ("Server",)
