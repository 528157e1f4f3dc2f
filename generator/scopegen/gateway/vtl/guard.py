"""What is said before a template is parsed. In: its text. Out: nothing, or Refused where parsing could take for ever.

airspeed parses a list that begins with a reference twice, so lists inside each other's arguments take twice as long a
level; and it copies what is left of a text at every match.
"""

import re

from scopegen.gateway.refused import Refused

_LONGEST, _LISTS, _NESTED = 65_536, 10, 60
# A list, not an index, that begins with a reference that has arguments or an index of its own. Some operators are words.
_OPERATORS = "|".join(f"(?<={word})" for word in "and eq ge gt le lt ne not or".split())
_LIST = re.compile(rf"(?:(?<![\w\])}}])|{_OPERATORS})\[[ \t]*\$[!{{]*[\w.-]*\s*[(\[]")


def check(text: str) -> None:
    """Refused for what is too long or too nested to be parsed in a moment."""
    if len(text) > _LONGEST:
        raise Refused("a template that is too long to be run here")
    if len(_LIST.findall(text)) > _LISTS:
        raise Refused("too many lists that begin with a call")
    if len(re.findall(r"#\{?(?:if|elseif|foreach)\b", text)) > _NESTED * 10:
        raise Refused("too many directives")
