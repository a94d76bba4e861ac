"""The daily check of the ML platform: what is watched, asked, told and handed to triage."""
