"""Faces of the original's `wandb.sdk.artifacts`: old import paths to what lives elsewhere."""
