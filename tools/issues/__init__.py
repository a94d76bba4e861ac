"""Work for people: issues in the tracker of whoever has to do it."""
