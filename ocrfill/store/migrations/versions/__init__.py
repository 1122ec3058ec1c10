"""One file a step; its revision is the version of the store that it makes."""
