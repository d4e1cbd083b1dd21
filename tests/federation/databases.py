"""Real PostgreSQL and MariaDB servers in folders of their own, run by somebody without rights."""
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from firn_server import free_port  # noqa: E402

PASSWORD = "p'w $x 42"


def postgres_binary(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, "PostgreSQL's server is missing: run ./dev setup"
    return str(found[-1])


class Server:
    """A process that runs as somebody who owns nothing but its folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="firn-database-"))
        self.port = free_port()
        self.process = None
        self.user = "nobody"
        if os.getuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.folder.chmod(0o755)

    def unprivileged(self, command):
        if os.getuid() != 0:
            return list(command)
        account = pwd.getpwnam(self.user)
        return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", *command]

    def run(self, command, **options):
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", **options)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def spawn(self, command):
        self.process = subprocess.Popen(self.unprivileged(command), cwd="/", stdout=open(self.folder.parent / f"{self.folder.name}.out", "ab"),
                                        stderr=subprocess.STDOUT)

    def wait(self, is_ready):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, "the database ended"
            if is_ready():
                return self
            time.sleep(0.05)
        raise AssertionError("the database does not start")

    def kill(self):
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def remove(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder.parent / f"{self.folder.name}.out").unlink(missing_ok=True)


class Postgres(Server):
    def __init__(self):
        super().__init__()
        self.run(self.unprivileged([postgres_binary("initdb"), "-D", str(self.folder / "data"), "-U", "postgres", "--no-sync",
                                    "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]))
        self.start()
        self.sql("CREATE DATABASE shop", database="postgres")
        self.sql(f"CREATE ROLE firn LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")

    def start(self):
        self.spawn([postgres_binary("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), "-h", "127.0.0.1",
                    "-k", str(self.folder), "-c", "log_statement=all", "-c", "fsync=off", "-c", "max_connections=40",
                    "-c", "logging_collector=on", "-c", "log_directory=" + str(self.folder), "-c", "log_filename=log",
                    "-c", "log_line_prefix=%a|"])
        return self.wait(lambda: subprocess.run([postgres_binary("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)],
                                                check=False).returncode == 0)

    def sql(self, statement, database="shop"):
        return self.run([postgres_binary("psql"), "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", database,
                         "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement]).strip()

    def said_by_firn(self):
        """The statements that came from Firn, up to now: the log is written by a process of its own."""
        marker = uuid.uuid4().hex
        self.sql(f"SELECT '{marker}'")
        until = time.monotonic() + 30
        while marker not in (self.folder / "log").read_text(errors="replace"):
            assert time.monotonic() < until
            time.sleep(0.02)
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return [line for line in lines if line.startswith("firn|")]


class MariaDb(Server):
    def __init__(self):
        super().__init__()
        self.run(["mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db",
                  *([f"--user={self.user}"] if os.getuid() == 0 else []), "--auth-root-authentication-method=normal"])
        self.start()
        self.sql("CREATE DATABASE shop CHARACTER SET utf8mb4", database="mysql")
        self.sql(f"CREATE USER firn@'%' IDENTIFIED BY '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
        self.sql("GRANT SELECT ON shop.* TO firn@'%'")

    def start(self):
        self.spawn(["mariadbd", "--no-defaults", f"--datadir={self.folder / 'data'}", f"--socket={self.folder / 's'}",
                    f"--port={self.port}", "--bind-address=127.0.0.1", "--general-log", f"--general-log-file={self.folder / 'log'}",
                    "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"])
        return self.wait(lambda: (self.folder / "s").exists() and subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.folder / 's'}", "-uroot", "-e", "SELECT 1"], check=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)

    def sql(self, statement, database="shop"):
        return self.run(["mariadb", "--no-defaults", f"--socket={self.folder / 's'}", "-uroot", "-N", "-B",
                         "--default-character-set=utf8mb4", database, "-e", statement]).strip()

    def said(self):
        return (self.folder / "log").read_text(errors="replace").splitlines()
