"""What the OpenAPI document says of condition trees; ``conditions`` has the rules that it can't say."""

from typing import Any

from userhero.automations.conditions import MAX_RULES
from userhero.automations.fields import ALL_OPERATORS, FIELDS, MAX_PATH

_RULE = {
    "title": "ConditionRule",
    "type": "object",
    "description": "A question about an item.",
    "properties": {
        "field": {
            "description": f"What of the item: `{'`, `'.join(FIELDS)}`, `customField.<id>` or `metadata.<path>`.",
            "anyOf": [
                {"type": "string", "enum": list(FIELDS)},
                {
                    "type": "string",
                    "pattern": r"^(customField\.[^.]+|metadata\.[^.]+(\.[^.]+){0,9})$",
                    "maxLength": MAX_PATH,
                },
            ],
        },
        "operator": {
            "type": "string",
            "description": "How it is held against the value; not every one goes with every field.",
            "enum": list(ALL_OPERATORS),
        },
        "value": {
            "description": "Text, a number, a flag, a time, hours, or a list; none for `is_set` and `is_not_set`."
        },
    },
    "required": ["field", "operator"],
    "additionalProperties": False,
}
_GROUP = {
    "title": "ConditionGroup",
    "type": "object",
    "description": "Rules of which all or any must hold; none at all hold always.",
    "properties": {
        "combinator": {
            "type": "string",
            "enum": ["and", "or"],
            "default": "and",
            "description": "Whether all rules must hold, or any.",
        },
        "rules": {
            "type": "array",
            "maxItems": MAX_RULES,
            "default": [],
            "items": {
                "anyOf": [
                    {"$ref": "#/components/schemas/ConditionRule"},
                    {"$ref": "#/components/schemas/ConditionGroup", "minProperties": 1},
                ]
            },
            "description": "Rules, and groups of further rules.",
        },
    },
    "additionalProperties": False,
}

COMPONENTS: dict[str, Any] = {"ConditionGroup": _GROUP, "ConditionRule": _RULE}
TREE = {"$ref": "#/components/schemas/ConditionGroup"}
