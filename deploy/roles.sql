-- Run once as a superuser of your PostgreSQL (15 or newer): psql -v owner_password=… -v application_password=… -f roles.sql
CREATE ROLE tollgate_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE tollgate_app LOGIN PASSWORD :'application_password';
ALTER ROLE tollgate_owner SET lock_timeout = '2s';
ALTER ROLE tollgate_app SET lock_timeout = '10s';
ALTER ROLE tollgate_app SET statement_timeout = '15min';
ALTER ROLE tollgate_app SET idle_in_transaction_session_timeout = '15min';
CREATE DATABASE tollgate OWNER tollgate_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE tollgate FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE tollgate TO tollgate_app;
