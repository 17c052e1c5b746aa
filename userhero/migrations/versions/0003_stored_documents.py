"""On SQLite an item keeps its JSON (docs/adr/0004-stored-documents.md).

SQLite can't add such a column to a table, so the table is made anew. The expression is ``feedback.document.ROW`` as it
was at this step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

EXPRESSION = """
    concat('{"id":"', id, '","ticketNumber":', ticket_number, ',"workspaceId":"', workspace_id,
    '","projectId":"', project_id, '","widgetId":"', widget_id, '","message":', json_quote(message),
    ',"category":', json_quote(category), ',"rating":', json_quote(rating), ',"status":"', status,
    '","statusCategory":"', status_category, '","tags":', coalesce(tags, 'null'),
    ',"priority":', json_quote(priority), ',"assigneeId":', json_quote(assignee_id),
    ',"watcherIds":', coalesce(watcher_ids, 'null'), ',"dueDate":', json_quote(due_date),
    ',"slaBreached":', CASE WHEN sla_breached THEN 'true' ELSE 'false' END,
    ',"userEmail":', json_quote(user_email), ',"userName":', json_quote(user_name),
    ',"userPhone":', json_quote(user_phone), ',"customerId":', json_quote(customer_id),
    ',"screenshotUrl":', json_quote(screenshot_url), ',"attachmentUrl":', json_quote(attachment_url),
    ',"audioUrl":', json_quote(audio_url), ',"videoUrl":', json_quote(video_url),
    ',"context":', coalesce(context, 'null'), ',"customMetadata":', coalesce(custom_metadata, 'null'),
    ',"votes":', votes, ',"isPublic":', CASE WHEN is_public THEN 'true' ELSE 'false' END,
    ',"customerCommentsEnabled":', CASE WHEN customer_comments_enabled THEN 'true' ELSE 'false' END,
    ',"source":"', source, '","createdAt":"', created_at, '","updatedAt":"', updated_at, '"')
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("feedback", recreate="always") as batch_op:
            batch_op.add_column(sa.Column("document", sa.Text(), sa.Computed(EXPRESSION, persisted=True)))
