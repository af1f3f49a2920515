"""What Alembic runs around the revisions: on the connection that `upgrade` has opened."""

from alembic import context

from ferrule.stores.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    # Without this Alembic commits after each revision on SQLite, in the middle of ours.
    transactional_ddl=True,
)

# A SQLite connection commits each statement by itself, so the transaction is begun by hand.
if connection.dialect.name == "sqlite":
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        context.run_migrations()
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
else:
    with context.begin_transaction():
        context.run_migrations()
