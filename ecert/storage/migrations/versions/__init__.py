"""One module a version of the schema, oldest first by its number."""
