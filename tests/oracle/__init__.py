"""The released wandb client is the oracle: the same programs run under it and under ours."""
