"""The gate: decide (Cedar), ask a person, budget, taint, record (ledger, artifacts)."""
