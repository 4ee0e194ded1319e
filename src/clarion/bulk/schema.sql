-- A journal is one job in one SQLite file: what is to be asked, and what is known of every request.
--
--   ready ──▶ leased ──▶ done
--     ▲         │  ├──▶ failed       for good; put back by `retry`
--     │         │  └──▶ postponed ──▶ leased, when its time has come
--     └─────────┘       when the worker that held the lease is gone
--
-- Nothing of a row is ever overwritten but its state: input stays as it was read, an outcome stands in a row of its own.
-- Times are seconds since the epoch. Read what came with the views `results`, `failures` and `costs`.

pragma journal_mode = wal;
pragma application_id = 1129071170;  -- "CLBB"
pragma user_version = 2;

-- The job itself: how its rows become requests, as JSON.
create table job (
    id      integer primary key check (id = 1),
    created real not null,
    recipe  text not null,
    key     text not null default (lower(hex(randomblob(6)))),  -- names the job in the custom ids of batches
    is_read integer not null default 0   -- all input has been read
) strict;

-- States by number, in the order of the picture.
create table states (
    state integer primary key,
    name  text not null unique
) strict;

insert into states values (0, 'ready'), (1, 'leased'), (2, 'done'), (3, 'failed'), (4, 'postponed'), (5, 'twin');

-- A row is one request, and where it stands.
create table rows (
    seq       integer primary key,         -- the order of the input, from 1
    custom_id text unique,                 -- the input's own name for it, if it has one
    place     text not null,               -- where it was read: 'line 12'
    state     integer not null default 0,
    attempt   integer not null default 0,  -- how often it has been leased: guards against late outcomes
    failures  integer not null default 0,  -- how often it has failed by what may be its own fault
    worker    integer,                     -- who holds the lease
    due       real,                        -- postponed: not before this time
    digest    blob,                        -- of the request, where identical ones are sent once
    twin_of   integer                      -- the row whose outcome is this one's too
) strict;

-- What was read for a row, as JSON: beside it, as SQLite writes a row anew, however long, whenever its state changes.
create table inputs (
    seq   integer primary key,
    input text not null
) strict;

create index ready_rows on rows (seq) where state = 0;
create index postponed_rows on rows (due, seq) where state = 4;
create index leased_rows on rows (worker) where state = 1;
create index failed_rows on rows (seq) where state = 3;
create index digests on rows (digest) where digest is not null;

-- How many rows are in each state, kept with every change, so that nobody ever has to count.
create table counts (
    state integer primary key,
    rows  integer not null
) strict;

insert into counts select state, 0 from states;

create trigger row_added after insert on rows begin
    update counts set rows = rows + 1 where state = new.state;
end;

create trigger row_moved after update of state on rows when old.state <> new.state begin
    update counts set rows = rows - 1 where state = old.state;
    update counts set rows = rows + 1 where state = new.state;
end;

-- Who works on the job. A lease holds as long as its worker is heard of.
create table workers (
    id         integer primary key autoincrement,  -- never given again: a worker may come back after it was given up
    name       text not null,              -- host, process
    alive_till real not null
) strict;

-- A batch of the Message Batches API. Its rows are leased, by the batch and no worker, until their results have come.
--
--   posting ──▶ created ──▶ collected
--    ▲ │ └─────────▶ void     surely never created: its rows are ready again
--    │ ▼              ▲
--   planned ──────────┘       surely not created so far: refused, to be posted again by the worker that holds its body
--
-- `posting` is written before the batch is posted and `created` when the API has named it. If a worker dies in between,
-- the batch is looked for among those of the API that are newer than `newest`, from `doubtful` on.
create table batches (
    id       integer primary key,
    state    text not null check (state in ('planned', 'posting', 'created', 'collected', 'void')),
    batch_id text unique,                  -- the API's name for it
    rows     integer not null,
    newest   text,                         -- the newest batch that the API had before
    posted   real not null,                -- when it was posted last
    doubtful real,                         -- since when nobody knows whether it was created
    worker   integer                       -- who looks after it
) strict;

create index open_batches on batches (state) where state in ('planned', 'posting', 'created');

create table batch_rows (
    batch   integer not null,
    seq     integer not null,
    attempt integer not null,
    primary key (batch, seq)
) strict, without rowid;

create trigger worker_gone after delete on workers begin
    update batches set worker = null where worker = old.id;
end;

-- What came of a row: a message, or the error that ended it.
create table outcomes (
    seq                   integer primary key,
    attempt               integer not null,
    at                    real not null,
    answer                text,            -- the API's message, as JSON
    error                 text,            -- what the failure is called: 'refusal', 'invalid_request_error'
    detail                text,            -- what it says
    model                 text,
    stop_reason           text,
    request_id            text,
    latency               real,
    input_tokens          integer not null default 0,
    output_tokens         integer not null default 0,
    cache_read_tokens     integer not null default 0,
    cache_creation_tokens integer not null default 0,
    cost_nano             integer          -- US dollars * 10^9
) strict;

-- What the job has used so far, kept with every outcome.
create table totals (
    id                    integer primary key check (id = 1),
    input_tokens          integer not null default 0,
    output_tokens         integer not null default 0,
    cache_read_tokens     integer not null default 0,
    cache_creation_tokens integer not null default 0,
    cost_nano             integer not null default 0,
    attempts              integer not null default 0   -- calls that were answered or failed, retries included
) strict;

insert into totals (id) values (1);

create view results as
select
    rows.seq,
    rows.custom_id,
    rows.place,
    (select input from inputs where inputs.seq = rows.seq) as input,
    (select group_concat(block.value ->> 'text', '')
       from json_each(outcomes.answer, '$.content') as block
      where block.value ->> 'type' = 'text') as text,
    outcomes.answer,
    outcomes.model,
    outcomes.stop_reason,
    outcomes.input_tokens,
    outcomes.output_tokens,
    outcomes.cost_nano / 1e9 as cost,
    rows.attempt,
    outcomes.request_id,
    outcomes.latency,
    rows.twin_of
from rows
join outcomes on outcomes.seq = coalesce(rows.twin_of, rows.seq)
where outcomes.answer is not null and outcomes.error is null;

create view failures as
select
    rows.seq,
    rows.custom_id,
    rows.place,
    (select input from inputs where inputs.seq = rows.seq) as input,
    outcomes.error,
    outcomes.detail,
    outcomes.answer,
    rows.attempt,
    outcomes.request_id,
    outcomes.cost_nano / 1e9 as cost
from rows
join outcomes on outcomes.seq = coalesce(rows.twin_of, rows.seq)
where outcomes.error is not null;

create view costs as
select
    model,
    count(*) as rows,
    sum(input_tokens) as input_tokens,
    sum(output_tokens) as output_tokens,
    sum(cache_read_tokens) as cache_read_tokens,
    sum(cache_creation_tokens) as cache_creation_tokens,
    sum(cost_nano) / 1e9 as cost
from outcomes
where model is not null
group by model;
