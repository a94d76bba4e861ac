"""The web view: runs, approvals, ledger and budgets for people's browsers, as pages made on the server."""
