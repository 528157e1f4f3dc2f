"""The console of `serve`: a page, and what it and `scopegen token` ask. An extra (`scopegen[serve]`); only serving imports it."""
