-- What the figures speak of: titles by catalogue row, and what is known of users.

create table title (
  environment   text    not null,
  row           integer not null,
  id            text    not null,
  name          text    not null,
  genre_mask    bigint  not null,
  primary_genre smallint not null,
  long_tail     boolean not null,
  primary key (environment, row)
);
comment on column title.primary_genre is 'first-named genre, 255 for none';

create table genre (
  environment text     not null,
  bit         smallint not null,
  name        text     not null,
  primary key (environment, bit)
);

create table profile (
  environment text      not null,
  "user"      text      not null,
  country     text      not null,
  age_group   text      not null,
  picks       integer[] not null,
  primary key (environment, "user")
);
