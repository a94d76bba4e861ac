"""The ledger: what was decided and done, in an order and wording that nobody can change unseen."""
