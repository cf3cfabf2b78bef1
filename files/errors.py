"""The one exception that speaks to the user."""


class InputError(ValueError):
    """Something the user gave cannot be used.

    The message is shown as it is (page, HTTP API, command line with exit code 2), so it says
    what was wrong, what was expected and what to do.
    """
