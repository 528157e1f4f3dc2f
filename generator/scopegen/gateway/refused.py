"""What a mapping template may not do. In: a few words of ours. Out: the exception that ends its rendering."""


class Refused(Exception):
    """A template that was not rendered; the reason holds nothing of the request."""
