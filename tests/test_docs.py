"""The documentation is true: rule pages are those of the program, links lead somewhere, what is shown works."""

import re
from pathlib import Path

import pytest

from scopegen.codes import RULES
from scopegen.manual import page

ROOT = Path(__file__).parents[1]
RULE_DOCS = ROOT / "docs" / "rules"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FAMILIES = {
    "SG0": "The file", "SG1": "Requirements", "SG2": "Grants and clients", "SG3": "Gateway import and AWS limits",
    "SG4": "Changes", "SG6": "Outputs", "SG9": "Our bugs",
}  # fmt: skip


def expected() -> dict[str, str]:
    lines = ["# Rules", "", "Generated from the pages beside the rules: `make docs`.", ""]
    for family, title in FAMILIES.items():
        lines += [f"## {family}xx: {title}", "", "| code | name | severity |", "|---|---|---|"]
        rules = [rule for rule in RULES.values() if rule.code.startswith(family)]
        lines += [f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity.word} |" for rule in rules]
        lines.append("")
    return {"README.md": "\n".join(lines).rstrip() + "\n"} | {f"{rule.code}.md": page(rule) for rule in RULES.values()}


def test_rule_pages_are_fresh(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        RULE_DOCS.mkdir(exist_ok=True)
        for name, text in expected().items():
            (RULE_DOCS / name).write_text(text, "utf-8")
    assert {path.name: path.read_text("utf-8") for path in RULE_DOCS.iterdir()} == expected()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_every_command_and_option_is_in_the_documentation() -> None:
    written = "".join(path.read_text("utf-8") for path in PAGES)
    for word in (
        "--check",
        "--exit-non-zero-on-change",
        "--force",
        "--user-pool-arn",
        "--fail-on",
        "--strict",
        "--config",
        "--from",
        "--by",
        "--permission",
        "--client",
        "--scope",
        "--method",
        "--tag",
        "--path",
        "--api",
        "--accept-template",
        "--base",
        "--format",
        "--select",
        "--ignore",
        "--fix",
        "--diff",
        "--write-baseline",
        "--no-baseline",
        "--exit-zero",
    ):
        assert word in written, word
