"""HTTP: declared routes, strict JSON, one error shape, rate limit, idempotency, paging, OpenAPI."""
