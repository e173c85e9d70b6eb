"""Words, reviews and the corpus made of them."""
