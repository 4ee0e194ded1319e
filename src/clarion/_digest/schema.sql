-- A store of digests: every call that was made, or is to be, by the fingerprint of what it asks.
--
-- A call is never made twice: the same documents, task, model and options give the same fingerprints, whatever else is
-- digested with them. A piece is here from when it was cut; `answer` is null until it has been read.

pragma journal_mode = wal;
pragma application_id = 1129071200;
pragma user_version = 1;

create table calls (
    key       blob primary key,          -- fingerprint of the request
    kind      text not null check (kind in ('piece', 'whole', 'merge', 'answer')),
    name      text not null,             -- what it reads: 'book.pdf, pages 3 to 9'
    parts     text,                      -- of a piece: its parts with their texts, as JSON
    at        real,                      -- when it was answered, in seconds since the epoch
    answer    text,                      -- the statements, as JSON
    said      text,                      -- the text of the answer
    model     text,
    stop      text,                      -- the stop reason
    usage     text,                      -- tokens by class, as JSON
    origin    text,                      -- the address that answered, or 'emulator'
    emulated  integer,                   -- the emulator answered
    cost      text                       -- US dollars by class, as JSON; null where it is not known
) strict;
