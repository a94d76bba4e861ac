"""The words in which people speak of trouble: how they are cut, and which of them mean the same, in three languages."""
