"""The handwriting reader taught: data, augmentation, the loop, the model written out."""
