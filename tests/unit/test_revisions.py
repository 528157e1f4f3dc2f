"""Revisions are read as the disk is, and git is only asked: nothing of a repository is executed, fetched or written."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scopegen import git
from scopegen.cli import main
from scopegen.revision import GitTree
from scopegen.tree import DiskTree, TreeError

CONFIG = """\
resource-servers: {petsapi: {scopes: {read: Read, write: Write}}}
permissions: {Reader: [petsapi/read], Writer: ["petsapi/*"]}
"""


def spec(requires: str = "petsapi/read", path: str = "/pets") -> str:
    return f"""\
openapi: 3.0.3
info: {{title: Pets, version: "1"}}
paths:
  {path}:
    get: {{x-required-scope: {requires}, responses: {{"200": {{description: ok}}}}}}
  /kept:
    put: {{x-required-scope: petsapi/write, responses: {{"200": {{description: ok}}}}}}
"""


def run(*words: str, folder: Path | None = None) -> str:
    nobody = {f"GIT_{role}_{what}": "nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {**os.environ, **nobody, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def commit(folder: Path, files: dict[str, str] | None = None) -> None:
    write(folder, files or {})
    run("add", "-A", folder=folder)
    run("commit", "-q", "--allow-empty", "-m", "another", folder=folder)


@pytest.fixture
def repository(workspace: Path) -> Path:
    run("init", "-q", "-b", "main")
    commit(workspace, {"scopegen.yaml": CONFIG, "specs/pets.yaml": spec("petsapi/write")})
    return workspace


def tree(folder: Path, revision: str = "HEAD", prefix: str = "") -> GitTree:
    return GitTree(folder, git.commit(folder, revision), prefix)


LINKS = {
    "specs/link.yaml": "pets.yaml",
    "specs/up.yaml": "../specs/pets.yaml",
    "linked": "specs",
    "out.yaml": "../outside.yaml",
    "absolute.yaml": "/etc/hostname",
    "round.yaml": "round.yaml",
    "here": ".",
    "nothing.yaml": "gone.yaml",
}


@pytest.fixture
def linked(repository: Path) -> Path:
    (repository.parent / "outside.yaml").write_text("outside")
    for name, target in LINKS.items():
        (repository / name).symlink_to(target)
    commit(repository, {"specs/.hidden.yaml": "x", "specs/deep/er/one.yaml": "x", ".github/a.yaml": "x"})
    return repository


@pytest.mark.parametrize(
    "name", ["specs/link.yaml", "specs/up.yaml", "linked/pets.yaml", "linked/link.yaml", "here/specs/pets.yaml"]
)
def test_links_inside_are_followed(linked: Path, name: str) -> None:
    assert tree(linked).read(name) == DiskTree(linked).read(name) == (linked / "specs/pets.yaml").read_bytes()


@pytest.mark.parametrize(
    "name", ["out.yaml", "absolute.yaml", "round.yaml", "nothing.yaml", "../outside.yaml", "specs", "specs/none.yaml"]
)
def test_what_cannot_be_read_on_the_disk_cannot_in_a_revision(linked: Path, name: str) -> None:
    for files in (tree(linked), DiskTree(linked)):
        with pytest.raises(TreeError):
            files.read(name)


@pytest.mark.parametrize(
    "pattern",
    ["*.yaml", "specs/*.yaml", "specs/*", "**/*.yaml", "specs/**/*.yaml", "*/pets.yaml", "specs/pets.yaml", "specs/[op]ets.yaml",
     "specs/none.yaml", "specs/.*.yaml", "specs/deep/**", "**", "sp?cs/*.yaml"],
)  # fmt: skip
def test_patterns_match_as_on_the_disk(linked: Path, pattern: str) -> None:
    for name in ("linked", "here", "round.yaml"):  # folders that are linked have no end on the disk
        (linked / name).unlink()
    commit(linked)
    assert tree(linked).glob(pattern) == DiskTree(linked).glob(pattern)


def test_a_linked_folder_is_searched(linked: Path) -> None:
    assert tree(linked).glob("linked/*.yaml") == DiskTree(linked).glob("linked/*.yaml")


def test_a_submodule_and_a_pointer_are_no_files(repository: Path) -> None:
    commit(repository, {"large.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"})
    run("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub", folder=repository)
    run("commit", "-q", "-m", "sub", folder=repository)
    files = tree(repository)
    with pytest.raises(TreeError, match="large file storage"):
        files.read("large.yaml")
    with pytest.raises(TreeError, match="submodule"):
        files.read("sub")


def test_nothing_of_a_repository_is_executed_and_nothing_is_written(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    marker = repository.parent / "executed"
    script = repository.parent / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "filter.x.smudge",
        "diff.x.textconv",
        "core.editor",
    ):
        run("config", key, str(script), folder=repository)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        shutil.copy(script, repository / ".git" / "hooks" / hook)
    write(repository, {".gitattributes": "*.yaml filter=x diff=x\n", "specs/pets.yaml": spec("petsapi/read")})
    before = {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()}
    marker.unlink(missing_ok=True)
    assert main(["diff", "main"]) == 1
    assert main(["diff", "main...HEAD"]) == 0
    assert not marker.exists()
    assert {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()} == before
    assert "gained by Reader" in capfd.readouterr().out


@pytest.mark.parametrize(
    "revision", ["--all", "-1", "--output=x", "HEAD;touch x", "HEAD\nmain", "HEAD^{tree}", "", "main:"]
)
def test_what_is_no_revision(repository: Path, revision: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["diff", "--base", revision])
    assert code == (0 if revision == "main:" else 2)
    assert "bug in scopegen" not in capfd.readouterr().err
    assert not (repository / "x").exists()


def test_a_revision_without_specs(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run("checkout", "-q", "--orphan", "empty")
    run("rm", "-q", "-rf", "--cached", ".", folder=repository)
    run("commit", "-q", "--allow-empty", "-m", "nothing")
    assert main(["diff", "empty"]) == 0
    out = capfd.readouterr().out
    assert "NEW           2" in out
    assert "has no spec here: everything is new" in out
    write(repository, {"specs/pets.yaml": spec("{public: everybody may}")})
    assert main(["diff", "empty"]) == 1


def test_a_revision_that_lacks_one_of_its_specs_is_not_an_empty_one(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = CONFIG + "specs: [specs/pets.yaml, specs/shop.yaml]\n"
    commit(repository, {"scopegen.yaml": whole})
    write(repository, {"specs/shop.yaml": spec(), "specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "HEAD"]) == 2
    assert "SG018" in capfd.readouterr().err
    run("rm", "-q", "--cached", "specs/pets.yaml")
    run("commit", "-q", "-m", "none")
    assert main(["diff", "HEAD"]) == 0
    assert "everything is new" in capfd.readouterr().out


def test_the_configuration_that_is_named(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "scopegen.yaml").rename(repository / "access.yaml")
    commit(repository)
    write(repository, {"specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "HEAD", "--config", "access.yaml"]) == 1
    assert "gained by Reader" in capfd.readouterr().out


def test_a_revision_without_a_configuration_is_not_an_empty_one(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / "scopegen.yaml").unlink()
    (repository / "specs").rename(repository / "api")
    commit(repository)
    write(
        repository,
        {"scopegen.yaml": "specs: [api/*.yaml]\n", "api/pets.yaml": spec("{anyOf: [petsapi/write, petsapi/read]}")},
    )
    assert main(["diff", "HEAD"]) == 1
    out = capfd.readouterr().out
    assert "gained by ReadPetsapiAccess" in out
    assert "has no scopegen.yaml" in out


def test_a_workspace_in_a_folder_of_a_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    inner = repository / "services" / "shop"
    commit(repository, {"services/shop/scopegen.yaml": CONFIG, "services/shop/specs/shop.yaml": spec("petsapi/write")})
    write(inner, {"specs/shop.yaml": spec("petsapi/read")})
    monkeypatch.chdir(inner / "specs")
    for words in (
        ["HEAD"],
        ["HEAD:services/shop/specs/shop.yaml"],
        ["HEAD:./shop.yaml"],
        ["HEAD", "shop.yaml"],
        ["HEAD:services/shop"],
    ):
        assert main(["diff", *words]) == 1, words
        assert "shop: GET /pets\n" in capfd.readouterr().out
    monkeypatch.chdir(repository)
    assert main(["diff", "HEAD"]) == 0
    assert main(["diff", "HEAD:services/shop", "services/shop"]) == 1


def test_what_was_built_then(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["build"]) == 0
    commit(repository)
    write(repository, {"specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "HEAD:build/access.json"]) == 1
    assert main(["diff", "build/access.json"]) == 1
    assert main(["diff", "build/access.json", "HEAD"]) == 0
    capfd.readouterr()
    assert main(["diff", "HEAD:build/ACCESS.md"]) == 2


def test_a_shallow_clone_says_what_to_fetch(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, {"specs/pets.yaml": spec("petsapi/read")})
    clone = repository.parent / "clone"
    run("clone", "-q", "--depth", "1", f"file://{repository}", str(clone))
    monkeypatch.chdir(clone)
    assert main(["diff", "HEAD~1"]) == 2
    assert "git fetch --unshallow" in capfd.readouterr().err
    assert main(["diff", "--base", "HEAD..."]) == 0


def test_a_partial_clone_fetches_nothing(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is not here is not told, and must not look as if it had not been there."""
    commit(repository, {"specs/pets.yaml": spec("petsapi/read")})
    run("config", "uploadpack.allowFilter", "true", folder=repository)
    for kind in ("blob:none", "tree:0"):
        clone = repository.parent / kind.replace(":", "-")
        run("clone", "-q", f"--filter={kind}", f"file://{repository}", str(clone))
        monkeypatch.chdir(clone)
        assert main(["diff", "HEAD~1"]) == 2, kind
        captured = capfd.readouterr()
        assert "bug in scopegen" not in captured.err
        assert "clone" in captured.err
        assert captured.out == ""


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert main(["diff", "main"]) == 2
    assert "git is not installed" in capfd.readouterr().err
    assert main(["diff", ".", "."]) == 0


def test_a_misnamed_configuration_of_a_revision(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run("mv", "scopegen.yaml", "scopegen.yml", folder=repository)
    commit(repository)
    run("mv", "scopegen.yml", "scopegen.yaml", folder=repository)
    assert main(["diff", "HEAD"]) == 2
    assert "scopegen.yml is not read" in capfd.readouterr().err


def test_a_tag_that_is_named_as_a_branch_is_not_taken_for_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("update-ref", "refs/remotes/origin/main", "HEAD")
    commit(repository, {"specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "--base", "origin/main..."]) == 1
    run("tag", "origin/main", "HEAD")
    assert main(["diff", "--base", "origin/main..."]) == 2
    assert "a tag and a branch of a remote" in capsys.readouterr().err
    assert main(["diff", "--base", "refs/remotes/origin/main..."]) == 1


def test_a_folder_that_is_named_as_a_branch_is_not_taken_for_it(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("checkout", "-q", "-b", "topic")
    commit(repository, {"specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "main"]) == 1
    commit(repository, {"main/scopegen.yaml": CONFIG, "main/specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "main"]) == 2
    assert "write ./main, or --base main" in capsys.readouterr().err
    assert main(["diff", "./main"]) == main(["diff", "main/"]) == 0
    assert main(["diff", "--base", "main"]) == 1
    commit(repository, {"main..topic/scopegen.yaml": CONFIG, "main..topic/specs/pets.yaml": spec("petsapi/read")})
    assert main(["diff", "main..topic"]) == 2
    assert main(["diff", "./main..topic"]) == 0


def test_what_stands_in_for_a_commit_is_not_looked_at(repository: Path) -> None:
    commit(repository, {"specs/pets.yaml": spec("petsapi/read")})
    run("replace", "HEAD~1", "HEAD")
    assert main(["diff", "HEAD~1"]) == 1


def test_a_folder_that_looks_like_a_repository_is_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are committed could make the folder of a workspace a repository of its own, with another `main`."""
    folder = repository / "api"
    commit(repository, {"api/scopegen.yaml": CONFIG, "api/specs/pets.yaml": spec("petsapi/write")})
    write(folder, {"specs/pets.yaml": spec("petsapi/read")})
    monkeypatch.chdir(folder)
    assert main(["diff", "--base", "main"]) == 1
    run("init", "-q", "-b", "main", str(repository / "other"))
    commit(repository / "other", {"scopegen.yaml": CONFIG, "specs/pets.yaml": spec("petsapi/read")})
    shutil.copytree(repository / "other" / ".git", folder, dirs_exist_ok=True)
    run("config", "--file", "config", "core.worktree", ".", folder=folder)
    assert main(["diff", "--base", "main"]) != 0
