"""Who a person is and which roles they hold at the moment of an answer."""
