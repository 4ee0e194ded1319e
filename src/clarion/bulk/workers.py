"""How long a worker of a journal is taken for alive."""

LEASE = 60.0  # seconds after it was last heard of, unless its process is known to be dead
BEAT = 10.0  # seconds between two signs of life
