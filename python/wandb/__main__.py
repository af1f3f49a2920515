"""`python -m wandb`: the `wandb` command."""

from wandb.cli.main import main

main()
