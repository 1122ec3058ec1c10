"""Language models: how likely a text is in a field before its ink is looked at."""
