"""The nouns that stages hand to each other: page, form template, result, correction. All are frozen."""
