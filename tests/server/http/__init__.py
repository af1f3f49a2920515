"""Every route, asked by everyone, rightly and wrongly."""
