"""Both sides of `serve` in one process."""
