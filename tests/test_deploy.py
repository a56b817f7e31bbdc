"""What is laid beside the program, where there is no machine to install it on."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.instance import TEXTS, Instance
from tests.needs import needs, tool

from winnowd.audit.anchors import anchors_of
from winnowd.cli import main
from winnowd.settings import load

ROOT = Path(__file__).parents[1]


def lay(root: Path) -> None:
    """Lay everything below a folder."""
    subprocess.run(["sh", ROOT / "deploy" / "lay.sh", root], check=True, capture_output=True)


def test_the_configuration_that_is_laid_names_the_group_of_people_who_give_orders(tmp_path: Path) -> None:
    """It is the one that init writes, with that setting."""
    lay(tmp_path)

    settings = load(None, tmp_path / "etc" / "winnowd" / "winnowd.toml", {}, system=None).settings

    assert settings.orders.group == "winnowd-admin"


def test_a_configuration_that_is_there_stays(tmp_path: Path) -> None:
    """An upgrade is no reason to lose what somebody has set."""
    lay(tmp_path)
    laid = tmp_path / "etc" / "winnowd" / "winnowd.toml"
    laid.write_text('profile = "strict"\n')

    lay(tmp_path)

    assert laid.read_text() == 'profile = "strict"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bare repository that signs with a key of its own, and has a remote."""
    made, key, remote = tmp_path / "heads.git", tmp_path / "key", tmp_path / "remote.git"
    settings: dict[str, object] = {
        "user.name": "Witness",
        "user.email": "witness@localhost",
        "gpg.format": "ssh",
        "user.signingKey": key,
    }
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (allowed := tmp_path / "allowed").write_text(f"witness@localhost {key.with_suffix('.pub').read_text()}")
    for one in (made, remote):
        subprocess.run(["git", "init", "--quiet", "--bare", one], check=True)
    for name, value in (settings | {"gpg.ssh.allowedSignersFile": allowed}).items():
        subprocess.run(["git", "-C", str(made), "config", name, str(value)], check=True)
    subprocess.run(["git", "-C", made, "remote", "add", "origin", remote], check=True)
    return made


def anchor_git(repository: Path, instance_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run what the drop-in has the unit run."""
    program = repository.with_name("winnowd")
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m winnowd "$@"\n')
    program.chmod(0o755)
    environ = {**os.environ, "WINNOWD": str(program), "WINNOWD_HOME": str(instance_dir)}
    command = ["sh", str(ROOT / "deploy" / "anchor-git"), str(repository)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def git(repository: Path, *words: str) -> str:
    """What git says, both kinds."""
    done = subprocess.run(
        ["git", "-C", repository, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout


@needs("P10", tool("git"), tool("ssh-keygen", "openssh-client"))
def test_the_head_as_a_signed_tag_is_an_anchor_wherever_it_was_pushed(repository: Path, tmp_path: Path) -> None:
    """One a head, however often it runs; git knows who signed; another of that number is refused twice."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    remote = repository.with_name("remote.git")

    (hook,) = re.findall(r"^ {4}(printf .*hooks/update)$", (ROOT / "deploy" / "README.md").read_text(), re.MULTILINE)
    subprocess.run(["sh", "-c", hook], cwd=remote, check=True)

    ran = [anchor_git(repository, instance.instance_dir) for _ in range(2)]
    (tag,) = git(remote, "tag", "--list", "head-*").split()
    (kept := tmp_path / "kept").write_text(git(remote, "tag", "--list", "--format=%(contents)", "head-*"))
    signed = git(repository, "verify-tag", tag)
    (one,) = anchors_of(kept)
    git(repository, "update-ref", f"refs/tags/{tag}", git(repository, "hash-object", "-w", "--stdin").strip())
    refused = anchor_git(repository, instance.instance_dir)
    forced = ["git", "-C", str(repository), "push", "--force", "origin"]
    taken = [
        subprocess.run([*forced, f"{what}refs/tags/{tag}"], capture_output=True, check=False) for what in ("", ":")
    ]

    assert [(one.returncode, one.stderr) for one in ran] == [(0, "")] * 2
    assert [b"heads are only added" in one.stderr and one.returncode == 1 for one in taken] == [True, True]
    assert tag == f"head-{one.sequence}"
    assert 'Good "git" signature for witness@localhost' in signed
    assert main(["--home", str(instance.instance_dir), "verify", "--anchor", str(kept)]) == 0
    assert (refused.returncode, "is another head than the log's" in refused.stderr) == (1, True)
