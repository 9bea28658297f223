"""What goes wrong outside the program: one clear sentence, exit code 1, no traceback and no secret."""

import socket

from tests.acceptance.installation import SECRET, Ended, run_command
from tests.support.processes import HOST, free_port

PASSWORD = "fel-lösenord-som-ingen-ska-se"


def check_sentence(ended: Ended, *words: str) -> None:
    """One line, of the program's own; log lines that came before it are none."""
    lines = [line for line in ended.err.splitlines() if line.startswith("inbox-bot: ")]
    assert ended.code == 1, ended.err
    assert len(lines) == 1, ended.err
    for word in words:
        assert word in lines[0]
    for never in ("Traceback", SECRET, PASSWORD):
        assert never not in ended.out + ended.err


def changed(office, **values: str) -> None:
    """Change lines of the settings file: ``password=…`` replaces the first line that sets ``password``."""
    lines = office.file.read_text("utf-8").splitlines()
    for name, value in values.items():
        index = next(index for index, line in enumerate(lines) if line.startswith(f"{name} = "))
        lines[index] = f"{name} = {value}"
    office.file.write_text("\n".join(lines), "utf-8")


def test_wrong_password(install):
    office = install()
    changed(office, password=f'"{PASSWORD}"')
    check_sentence(office.attempt("run", "--once"), "info", "password")


def test_mail_server_is_down(install):
    office = install()
    changed(office, port=str(free_port()))
    check_sentence(office.attempt("run", "--once"), "info", HOST)


def test_database_server_is_down(install, tmp_path):
    office = install(database=f"sqlite:///{tmp_path}/unused.db")
    changed(office, url=f'"postgresql://anna:{PASSWORD}@{HOST}:{free_port()}/cases"')
    check_sentence(office.attempt("cases"), "database", "[database] url")


def test_database_folder_cannot_be_written(install):
    office = install()
    changed(office, url='"sqlite:////proc/cases.db"')
    check_sentence(office.attempt("run", "--once"), "database", "folder can be written")


def test_disk_is_full(install):
    office = install()
    # No file may grow beyond this: the kernel says so in the place where it would say that the disk is full.
    full = run_command("run", "--once", "--config", str(office.file), folder=office.folder, most_blocks=40)
    check_sentence(full, "database", "disk is not full")


def test_port_of_the_pages_is_taken(install):
    with socket.create_server((HOST, 0)) as taken:
        office = install(web_port=taken.getsockname()[1])
        program = office.start("run")
        code = program.wait(30)
    check_sentence(Ended(code=code, out="", err=program.log), str(office.web_port))


def test_no_settings_file(tmp_path):
    check_sentence(run_command("run", folder=tmp_path), "inbox-bot init")
