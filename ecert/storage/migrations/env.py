"""Alembic's entry: runs the migrations on the connection that ``ecert.storage.migrate`` gives it.

Never run by ``alembic`` itself: there is no configuration file, and the transaction is the caller's.
"""

from alembic import context

from ecert.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=False,
)
context.run_migrations()
