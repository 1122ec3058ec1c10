"""From the scores of a CTC network to texts."""
