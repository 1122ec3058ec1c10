"""How old persons in registers get."""

OLDEST_PERSON_YEARS = 120
"""Nobody in a register outlives this, so that a rule may say so: common sense (the oldest age ever proved is 122)."""

OLDEST_LIKELY_YEARS = 115
"""When a date is read, a year so long before the form's first one is unlikely. Lower than the rule's on purpose: this
only weighs among readings and forbids none, the rule contradicts what was read."""
