-- A roll-up reads all events of its experiment anew, late ones with the others: nothing has to remember which were late.

drop table dirty_unit_day;
