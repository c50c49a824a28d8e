-- One login per service, each with the fewest rights; the owner runs migrations and grants what a service needs.
-- The connection limits keep places free for Patroni and for a person: abandoned waits for a standby pile up otherwise.
\set ON_ERROR_STOP 1
create role twofold_owner login password :'owner' connection limit 10;
create role twofold_orders login password :'orders' connection limit 60;
create role twofold_payments login password :'payments' connection limit 60;
create role twofold_monitor login password :'monitor' connection limit 8;
create role twofold_checker login password :'checker' connection limit 8;
grant pg_read_all_data to twofold_checker;
grant pg_monitor to twofold_monitor;
-- The router of a service reads which timeline a standby receives.
grant pg_read_all_stats to twofold_orders, twofold_payments, twofold_checker;
create database twofold owner twofold_owner;
revoke all on database twofold from public;
grant connect, temporary on database twofold to twofold_orders, twofold_payments;
grant connect on database twofold to twofold_monitor, twofold_checker;
\connect twofold
revoke all on schema public from public;
