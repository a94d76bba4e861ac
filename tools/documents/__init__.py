"""Changes of files, proposed to their owners on a branch of its own."""
