"""Asking the systems people run over HTTP: one deadline, bounded answers, and never more load than they can bear."""
