"""Starts the server: puts the slices together behind HTTP and serves them."""

from userhero.server.composition import job_table, route_table
from userhero.server.reference import openapi_document
from userhero.server.serve import configure_log, run_server, settle_port

__all__ = ["configure_log", "job_table", "openapi_document", "route_table", "run_server", "settle_port"]
