"""A known form or table laid on a page: where each of its fields lies there."""
