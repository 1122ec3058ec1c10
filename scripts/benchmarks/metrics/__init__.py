"""What benchmarks count: strips, drafts and cells against their truth."""
