"""The one error of a class."""


class ClassroomError(ValueError):
    """Something a teacher can mend; the message names it and the remedy."""
