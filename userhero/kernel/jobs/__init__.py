"""Background work: rows in the database, so that it is done after a crash, and never for what was rolled back.

A slice declares what can be done (``jobs = Jobs()``, ``@jobs.on("kind", every=3600)``), anyone who has a transaction
asks for it (``enqueue``), and a ``Runner`` does it. A job is one transaction and may run more than once: a crash
repeats it. What a slice does when something has happened it declares too (``listeners = Listeners("webhooks")``,
``@listeners.on("feedback.created")``).
"""

from userhero.kernel.jobs.declared import Job, Jobs
from userhero.kernel.jobs.listeners import Listeners
from userhero.kernel.jobs.queue import JobSummary, enqueue, list_jobs
from userhero.kernel.jobs.runner import Runner
from userhero.kernel.jobs.table import JobTable

__all__ = ["Job", "JobSummary", "JobTable", "Jobs", "Listeners", "Runner", "enqueue", "list_jobs"]
