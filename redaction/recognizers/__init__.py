"""What is recognised: one definition per file, gathered in `built_in`."""
