"""Who answers on this machine, with which roles, and how notices reach them."""
