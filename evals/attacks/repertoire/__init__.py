"""What attackers do, by family; `evals.attacks.catalogue` puts each into the places where text enters."""
