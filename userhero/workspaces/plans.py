"""Plans, as data: what each allows. A self-hosted instance puts new workspaces on ``pro_max``: nothing is gated."""

from typing import Annotated

import msgspec

from userhero.kernel.http.terms import described

_GIB = 1024**3


class Limits(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a plan allows; ``null`` is unlimited."""

    feedback_per_month: Annotated[int, described("Items in a calendar month.", example=25_000, minimum=0)] | None
    projects: Annotated[int, described("Projects.", example=10, minimum=0)] | None
    members: Annotated[int, described("People in the workspace.", example=10, minimum=0)] | None
    automations: Annotated[int, described("Active automations.", example=100, minimum=0)] | None
    custom_fields: Annotated[int, described("Custom fields in all projects.", example=50, minimum=0)] | None
    custom_statuses: Annotated[int, described("Statuses that projects have added.", example=20, minimum=0)] | None
    storage_bytes: Annotated[int, described("Media, in bytes.", example=107_374_182_400, minimum=0)] | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan. ``grace`` is the part of the monthly limit after which collecting stops; None where it never does."""

    name: str
    api: bool
    grace: float | None
    retention_days: int | None
    limits: Limits


def _limits(
    feedback: int, projects: int | None, members: int | None, automations: int | None, *others: int | None
) -> Limits:
    fields, statuses, storage = others
    return Limits(
        feedback_per_month=feedback,
        projects=projects,
        members=members,
        automations=automations,
        custom_fields=fields,
        custom_statuses=statuses,
        storage_bytes=storage,
    )


_UNLIMITED = Limits(
    feedback_per_month=None,
    projects=None,
    members=None,
    automations=None,
    custom_fields=None,
    custom_statuses=None,
    storage_bytes=None,
)

PLANS = {
    plan.name: plan
    for plan in (
        Plan(name="free", api=False, grace=1.1, retention_days=7, limits=_limits(100, 1, 3, 3, 0, 0, _GIB)),
        Plan(
            name="starter",
            api=False,
            grace=None,
            retention_days=30,
            limits=_limits(1_000, 3, None, 10, 0, 0, 5 * _GIB),
        ),
        Plan(
            name="growth",
            api=False,
            grace=None,
            retention_days=90,
            limits=_limits(5_000, 10, None, 25, 0, 0, 20 * _GIB),
        ),
        Plan(
            name="pro",
            api=True,
            grace=None,
            retention_days=365,
            limits=_limits(25_000, None, None, 100, None, 20, 100 * _GIB),
        ),
        Plan(name="pro_max", api=True, grace=None, retention_days=None, limits=_UNLIMITED),
    )
}
