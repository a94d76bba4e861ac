"""The platform agent: its daily check of tables, models, objectives, feature stores and registries."""
