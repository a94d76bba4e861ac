"""What every HTTP server of ours stands on."""
