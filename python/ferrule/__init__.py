"""Ferrule's server: takes runs by the wire protocol of the `wandb` clients, keeps and shows them."""
