"""Ferrule's server: takes runs by the protocol of the `wandb` clients, keeps and shows them."""
