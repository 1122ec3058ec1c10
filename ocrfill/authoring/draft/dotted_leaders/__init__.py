"""Dotted lines on the common print: rows of small dots in even steps, also where ghosts of writing lie over them."""
