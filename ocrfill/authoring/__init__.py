"""A layout made: drafted from scans, corrected with the mouse, tried on pages, tuned."""
