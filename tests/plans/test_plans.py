"""How the engine goes about what it is asked: by an index, whatever the data grows to."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.client import Client, Server
from tests.support.databases import Instance, Instances
from tests.support.operations import CALLS, ROUTES, send
from tests.support.plans import Asked, Finding, Planner, is_planned, recorded
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner, enqueue
from userhero.server.application import create_application
from userhero.server.composition import job_table

