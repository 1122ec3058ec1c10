"""Words drawn with real ink: cut out of labelled lines of handwriting."""
