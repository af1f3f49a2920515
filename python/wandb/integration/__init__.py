"""What belongs to one other library each."""
