"""What keys, forms and randomness say about secrets."""
