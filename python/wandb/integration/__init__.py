"""What connects other libraries with a run, each in a module of its own."""
