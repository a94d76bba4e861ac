"""An incident as a folder of Parquet files: its schema, its writer, and the DuckDB store that reads it."""
