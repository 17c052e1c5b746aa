"""What the audit log has of imports."""

from typing import Any

from sqlalchemy import bindparam, select

from userhero.kernel import audit
from userhero.kernel.actor import OPERATOR
from userhero.kernel.db import Statement, Transaction
from userhero.projects import projects

_NAME = Statement(select(projects.c.name).where(projects.c.id == bindparam("project")))


def begin_import(tx: Transaction, workspace_id: str, project_id: str, told: dict[str, Any]) -> None:
    """Write down that the operator begins to bring a file into a project; ``told`` says which."""
    _record(tx, workspace_id, project_id, "project.import_begun", told)


def end_import(tx: Transaction, workspace_id: str, project_id: str, told: dict[str, Any]) -> None:
    """Write down what came of it: so many records of each kind."""
    _record(tx, workspace_id, project_id, "project.imported", told)


def _record(tx: Transaction, workspace_id: str, project_id: str, act: str, after: dict[str, Any]) -> None:
    subject = audit.Subject(project_id, tx.value(_NAME, project=project_id))
    audit.record(tx, OPERATOR, workspace_id, act, subject, after=after)
