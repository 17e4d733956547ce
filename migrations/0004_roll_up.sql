-- A roll-up replaces all unit-days of its experiment, and the analysis reads them all: their uniqueness comes from the
-- query that makes them, and a wide key in random order would cost more than the rest of the insert.

alter table unit_day drop constraint unit_day_pkey;
create index on unit_day (environment, experiment, iteration);
