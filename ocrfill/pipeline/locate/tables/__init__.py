"""Ruled tables found on a page without a layout."""
