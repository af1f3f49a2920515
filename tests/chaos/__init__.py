"""Kill it, fill the disk, step the clock: rows whose `log` returned must be there once."""
