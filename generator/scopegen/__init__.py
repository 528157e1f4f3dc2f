"""scopegen: authorization for API Gateway, compiled from the OpenAPI document."""
