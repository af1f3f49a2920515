"""Tables that runs have logged: read once, then filtered, sorted, grouped and paged."""
