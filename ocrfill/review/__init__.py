"""Review in Label Studio: doubted fields go there as tasks, what persons answer comes back as corrections."""
