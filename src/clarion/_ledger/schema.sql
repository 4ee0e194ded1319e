-- A ledger: every attempt of every call, what it used and cost, and sums that are kept with each of them.
--
-- Several processes may write to one ledger. Nothing of an attempt is ever changed. Times are UTC: seconds, hours or days
-- since 1970-01-01. Money is in billionths of a US dollar; a cost that is not known is null, never 0.

begin immediate;

pragma application_id = 1129073735;  -- "CLLG"
pragma user_version = 1;

-- The tags of an attempt, as a JSON object with its names in order.
create table if not exists tag_sets (
    id   integer primary key,
    tags text not null unique
) strict;

create table if not exists tags (
    name    text not null,
    value   text not null,
    tag_set integer not null,
    primary key (name, value, tag_set)
) strict, without rowid;

create index if not exists tags_of_a_set on tags (tag_set);

create trigger if not exists tag_set_added after insert on tag_sets begin
    insert into tags (name, value, tag_set) select key, value, new.id from json_each(new.tags);
end;

create table if not exists attempts (
    id                    integer primary key,
    at                    real not null,     -- when it began
    model                 text not null,     -- the one that answered, else the one that was asked
    tag_set               integer not null,
    status                integer,           -- of HTTP, if there was an answer
    error                 text,              -- what the failure is called: 'overloaded_error', 'timeout', 'abandoned'
    request_id            text,
    latency               real not null,     -- seconds
    first_token           real,              -- seconds, of streams
    emulated              integer not null,  -- an emulator has answered
    input_tokens          integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    cache_read_tokens     integer not null,
    output_tokens         integer not null,
    searches              integer not null,
    cost_nano             integer
) strict;

-- Attempts whose outcome may come more than once, as that of a batch does: what names them.
create table if not exists collected (key blob primary key) strict, without rowid;

-- Sums by hour, model and tags.
create table if not exists hours (
    hour                  integer not null,
    model                 text not null,
    tag_set               integer not null,
    emulated              integer not null,
    attempts              integer not null,
    failures              integer not null,
    unpriced              integer not null,  -- attempts whose cost is not known
    input_tokens          integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    cache_read_tokens     integer not null,
    output_tokens         integer not null,
    searches              integer not null,
    cost_nano             integer not null,  -- of all that has a known cost
    primary key (hour, model, tag_set, emulated)
) strict, without rowid;

create trigger if not exists attempt_added after insert on attempts begin
    insert into hours values (
        cast(new.at / 3600 as integer), new.model, new.tag_set, new.emulated,
        1, new.error is not null, new.cost_nano is null,
        new.input_tokens, new.cache_write_5m_tokens, new.cache_write_1h_tokens, new.cache_read_tokens,
        new.output_tokens, new.searches, coalesce(new.cost_nano, 0)
    )
    on conflict (hour, model, tag_set, emulated) do update set
        attempts              = attempts + 1,
        failures              = failures + excluded.failures,
        unpriced              = unpriced + excluded.unpriced,
        input_tokens          = input_tokens + excluded.input_tokens,
        cache_write_5m_tokens = cache_write_5m_tokens + excluded.cache_write_5m_tokens,
        cache_write_1h_tokens = cache_write_1h_tokens + excluded.cache_write_1h_tokens,
        cache_read_tokens     = cache_read_tokens + excluded.cache_read_tokens,
        output_tokens         = output_tokens + excluded.output_tokens,
        searches              = searches + excluded.searches,
        cost_nano             = cost_nano + excluded.cost_nano;
end;

-- What was spent each day, in all (the name is empty) and under each tag: what budgets look at.
create table if not exists days (
    name      text not null,
    value     text not null,
    day       integer not null,
    cost_nano integer not null,
    primary key (name, value, day)
) strict, without rowid;

create trigger if not exists money_spent after insert on attempts when new.cost_nano > 0 begin
    insert into days (name, value, day, cost_nano)
        select name, value, cast(new.at / 86400 as integer), new.cost_nano
          from (select '' as name, '' as value
                union all
                select name, value from tags where tag_set = new.tag_set and name <> '')
         where true
        on conflict (name, value, day) do update set cost_nano = cost_nano + excluded.cost_nano;
end;

-- What the calls under way may cost at most. One whose process has died counts until `till`.
create table if not exists holds (
    id        integer primary key,  -- drawn at random
    day       integer not null,
    tag_set   integer not null,
    cost_nano integer not null,
    till      real not null
) strict;

commit;
