"""Starts and stops the servers that stand behind the product on one machine. Plain Python: nothing here knows Django.

Words: *home* is the folder of everything that is not code (`TOLLGATE_HOME`); *cluster* is the embedded PostgreSQL with
its data; *keeper* is the small process that holds the cluster up while anybody uses it; *supervisor* is `make run`.
Always true: a server started here dies with the process that needed it, even when that process is killed; where
`DATABASE_URL` or `BROKER_URL` is set, nothing is started in its place.
"""
