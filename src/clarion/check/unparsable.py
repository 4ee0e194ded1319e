"""The one way in which a scanner gives up."""


class Unparsable(Exception):
    """A text that is not the language it should be; the message says why."""
