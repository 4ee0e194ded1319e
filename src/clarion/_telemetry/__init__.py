"""What an operator sees: one record of every attempt, as a line of the log, as spans and as metrics."""

from clarion._telemetry.instrumentation import Instrumentation
from clarion._telemetry.lines import Next
from clarion._telemetry.options import Peer, Telemetry
from clarion._telemetry.record import Call, Ended, Record
from clarion._telemetry.redaction import redacted

__all__ = ["Call", "Ended", "Instrumentation", "Next", "Peer", "Record", "Telemetry", "redacted"]
