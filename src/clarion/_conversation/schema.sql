-- A file of conversations. Turns are only ever added: a conversation is its turns in order, without a gap.
--
-- Times are seconds since the epoch. A turn stands here before its answer is handed over.

pragma application_id = 1129071190;  -- "CLBV"

create table if not exists conversations (
    id       integer primary key autoincrement,  -- never given again
    name     text not null unique,
    created  real not null,
    changed  real not null,
    turns    integer not null default 0,   -- how many there are: guards against two who add at once
    settings text not null                 -- the options it was begun with, as JSON
) strict;

create table if not exists turns (
    id           integer primary key,
    conversation integer not null,                          
    seq          integer not null,         -- from 1
    at           real not null,
    kind         text not null check (kind in ('answer', 'partial', 'summary')),
    model        text not null,            -- that answered
    ground       text not null,            -- a digest of the system prompt and the tools
    tokens       integer,                  -- of a request that ends with this turn
    usage        text not null,            -- tokens by class, as JSON
    cost         text,                     -- US dollars by class, as JSON; null where no price is known
    messages     text not null,            -- [[model or null, message], ...], as JSON
    unique (conversation, seq)
) strict;

-- What was said, to be searched.
create virtual table if not exists words using fts5 (text, tokenize = 'unicode61 remove_diacritics 2');

create trigger if not exists turn_gone after delete on turns begin
    delete from words where rowid = old.id;
end;

pragma user_version = 1;  -- last: a file without it is not finished
