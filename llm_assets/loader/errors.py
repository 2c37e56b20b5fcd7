"""What the loader says when it cannot do what it is asked."""


class LoaderError(ValueError):
    """A release, a setting or a saved state that does not fit; the message tells what to do."""
