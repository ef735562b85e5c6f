"""A small film studio of real parts on this machine: PostgreSQL, Prefect's server, workers, S3 and fal."""
