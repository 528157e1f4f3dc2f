"""What was most likely meant. In: a word that nobody knows, those that are known. Out: a hint."""

from collections.abc import Iterable


def hint(written: str, known: Iterable[str], otherwise: str) -> str:
    """The known word that is spelled nearly alike, as a question; `otherwise` where there is none."""
    from difflib import get_close_matches

    close = get_close_matches(written, known, 1)
    return f"did you mean `{close[0]}`?" if close else otherwise
