"""Both sides of `serve` in one process: what is served, where, until when."""
