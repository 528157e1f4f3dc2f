"""Asking for tokens: the running `serve` of this machine, or Cognito. The one room but deploying's that uses the network."""
