"""The OpenAPI 3.1 document of the API, made from the declared routes and nothing else."""

from userhero.kernel.http.openapi.document import build

__all__ = ["build"]
