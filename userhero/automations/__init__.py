"""When this happens and that holds, do those: macros, triggers and scheduled automations of a project.

``run_automation`` runs one on an item for whoever acts.
"""

from userhero.automations.actions.run import run_automation, run_macro
from userhero.automations.extracts import EXTRACTS
from userhero.automations.queries import Macro, list_macros
from userhero.automations.traces import TRACES
from userhero.automations.types import AutomationRow

__all__ = ["EXTRACTS", "TRACES", "AutomationRow", "Macro", "list_macros", "run_automation", "run_macro"]
