"""The `wandb` command."""
