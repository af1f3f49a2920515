"""System metrics: what a run uses of its machine, one file per source, and who asks them."""
