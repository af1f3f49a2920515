"""What passes between processes: data and codecs, no input or output."""
