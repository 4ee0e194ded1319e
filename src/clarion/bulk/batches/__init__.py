"""Jobs through the Message Batches API: half the price, within a day, from the same journal.

    rows ─▶ packing ─▶ submission ─▶ (the API works) ─▶ collection ─▶ settlements
                            │
                            └── did that one get there? ─▶ search

The API takes no idempotency key, so that a process that dies while it posts a batch does not know whether the batch was
created. So the journal says which rows are about to be posted before they are, and what may have been created is looked
for, by the custom ids in its results, before any of its rows is asked again. `clarion.bulk.batches.run` has the whole.
"""
