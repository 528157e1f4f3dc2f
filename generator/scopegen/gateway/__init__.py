"""The API Gateway side of `serve`: authorizer, scopes, answers. An extra (`scopegen[serve]`); nothing but serving imports it."""
