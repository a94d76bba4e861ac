"""What nobody uses any more: by evidence of absence, and only where uses would have been seen."""
