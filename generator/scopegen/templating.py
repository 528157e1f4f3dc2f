"""Templates -> text. In: a template of `templates/`, a view. Out: text in which every value is a literal of its language.

Quoting is not the template's business: the environment finalizes every expression. Only `| raw` escapes it.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scopegen import quoting

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

_LANGUAGES: dict[str, Callable[[Any], str]] = {
    ".yaml": quoting.yaml_literal,
    ".py": quoting.python_literal,
    ".md": quoting.markdown_literal,
    ".html": quoting.html_literal,
}


class Raw(str):
    """Text that is already in the output language."""

    __slots__ = ()


def template_root() -> Path:
    """templates/: inside the package when installed, beside generator/ in a checkout."""
    packaged = Path(__file__).parent / "templates"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "templates"


@cache
def static(name: str) -> str:
    """A file of `templates/` that is no template, such as a style: it stays the same while a process lives."""
    return (template_root() / name).read_text("utf-8")


def hash_source(text: str) -> str:
    """A style or a script as a Content-Security-Policy names it. Source: CSP Level 3, 2.3.1, hash sources."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(template: str, view: dict[str, Any], compiled: str) -> str:
    """The text of `templates/<template>.j2` for a view; the language is that of the template's ending.

    `compiled` is a folder of the user's own in which Jinja keeps what it compiled; empty for none.
    """
    return _environment(Path(template).suffix, compiled).get_template(f"{template}.j2").render(view)


@cache
def _environment(ending: str, compiled: str) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    literal = _LANGUAGES[ending]
    environment = Environment(
        loader=FileSystemLoader(template_root()),
        bytecode_cache=_kept(ending, compiled),
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Raw) else literal(value),
        autoescape=False,  # noqa: S701  every value is quoted by `finalize`, in HTML too
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["raw"] = Raw
    environment.filters["code"] = lambda value: Raw(quoting.markdown_code(value))
    environment.filters["data"] = lambda value: Raw(quoting.html_data(value))
    environment.filters["block"] = lambda value, indent: Raw(quoting.yaml_block(value, indent))
    return environment


def _kept(ending: str, folder: str) -> "BytecodeCache | None":
    """Compiling a template takes longer than everything else a small build does; nothing is kept where nothing can be."""
    from jinja2 import FileSystemBytecodeCache

    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(folder, f"%s{ending}")
