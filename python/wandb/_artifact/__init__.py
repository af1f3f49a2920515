"""Artifacts: versioned sets of files, as a script makes and reads them."""
