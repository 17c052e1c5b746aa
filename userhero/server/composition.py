"""What the slices bring: routes, jobs, reactions to events. Importing it is what makes every table known."""

from sqlalchemy import MetaData

import userhero.automations.api
import userhero.automations.handlers
import userhero.automations.jobs
import userhero.automations.pages
import userhero.customers.api
import userhero.customers.jobs
import userhero.dashboard.pages
import userhero.feedback.api
import userhero.feedback.handlers
import userhero.feedback.jobs
import userhero.media.jobs
import userhero.notifications.api
import userhero.notifications.handlers
import userhero.notifications.jobs
import userhero.notifications.pages
import userhero.projects.api
import userhero.records.api
import userhero.records.jobs
import userhero.webhooks.api
import userhero.webhooks.handlers
import userhero.webhooks.jobs
import userhero.workflows.api
import userhero.workflows.handlers
import userhero.workflows.jobs
import userhero.workspaces.api
import userhero.workspaces.jobs
import userhero.workspaces.pages
from userhero.kernel import housekeeping
from userhero.kernel.http.hooks import Hooks
from userhero.kernel.http.pages import PageRoute
from userhero.kernel.http.routing import Routes, RouteTable
from userhero.kernel.instance import instance_facts
from userhero.kernel.jobs import Jobs, JobTable, Listeners
from userhero.workspaces import Section

ROUTES: list[Routes] = [
    userhero.workspaces.api.routes,
    userhero.projects.api.routes,
    userhero.projects.api.widget_routes,
    *userhero.feedback.api.ROUTES,
    userhero.customers.api.routes,
    *userhero.webhooks.api.ROUTES,
    userhero.automations.api.routes,
    userhero.workflows.api.routes,
    *userhero.notifications.api.ROUTES,
    *userhero.records.api.ROUTES,
]
JOBS: list[Jobs] = [
    housekeeping.jobs,
    userhero.workspaces.jobs.jobs,
    userhero.feedback.jobs.jobs,
    userhero.customers.jobs.jobs,
    userhero.media.jobs.jobs,
    userhero.webhooks.jobs.jobs,
    userhero.automations.jobs.jobs,
    userhero.workflows.jobs.jobs,
    userhero.notifications.jobs.jobs,
    userhero.records.jobs.jobs,
]
LISTENERS: list[Listeners] = [
    userhero.feedback.handlers.listeners,
    userhero.automations.handlers.listeners,
    userhero.workflows.handlers.listeners,
    userhero.webhooks.handlers.listeners,
    userhero.notifications.handlers.listeners,
]
PAGES: list[PageRoute] = [
    *userhero.workspaces.pages.PAGES,
    *userhero.dashboard.pages.PAGES,
    *userhero.automations.pages.PAGES,
    *userhero.notifications.pages.pages.all,
]
SECTIONS = [
    Section("Inbox", "inbox", "viewer"),
    Section("Automations", "automations", "viewer"),
    Section("Outbox", "outbox", "admin"),
    Section("Members", "members", "viewer"),
    Section("Usage", "usage", "admin"),
    Section("Audit log", "audit-log", "admin"),
]
TEMPLATES = [
    "userhero.ui",
    "userhero.server",
    "userhero.workspaces",
    "userhero.dashboard",
    "userhero.automations",
    "userhero.notifications",
]
HOOKS: list[Hooks] = userhero.webhooks.api.HOOKS


def route_table() -> RouteTable:
    """Every operation of the API. Raises ValueError where two slices declare the same."""
    return RouteTable(ROUTES)


def job_table() -> JobTable:
    """Every kind of job, and every listener. Raises ValueError where two slices declare the same."""
    return JobTable(JOBS, LISTENERS)


def all_tables() -> MetaData:
    """Every table there is, for the migrations to be compared with."""
    return instance_facts.metadata
