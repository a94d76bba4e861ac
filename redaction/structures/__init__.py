"""Which value stands under which key, in whatever form a text is written."""
