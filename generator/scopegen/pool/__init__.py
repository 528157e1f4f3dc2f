"""The Cognito side of `serve`: sign-in, tokens, the trigger. An extra (`scopegen[serve]`); nothing but serving imports it."""
