"""Trackers: GitHub, GitLab and Jira."""
