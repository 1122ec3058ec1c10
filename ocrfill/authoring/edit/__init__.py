"""A layout's places corrected with the mouse: drawn on a page in Label Studio, and put back into the YAML file."""
