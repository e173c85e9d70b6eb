"""The classifier, and what one document looks like inside it."""
