"""Live systems: which are configured, what they say of themselves, and the incidents and captures out of them."""
