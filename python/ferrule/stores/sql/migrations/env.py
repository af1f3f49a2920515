"""What Alembic runs around the revisions: on the connection that `upgrade` has opened."""

from alembic import context

from ferrule.stores.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)

# The connection commits each statement by itself, so the transaction is begun by hand.
if connection.dialect.name == "sqlite":
    connection.exec_driver_sql("BEGIN IMMEDIATE")
try:
    context.run_migrations()
except BaseException:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
    raise
if connection.dialect.name == "sqlite":
    connection.exec_driver_sql("COMMIT")
