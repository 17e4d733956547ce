-- The enrolled units, too, get a table of their own in every roll-up: unit_<id of the set>.

drop table enrolled;
delete from unit_day_set;
