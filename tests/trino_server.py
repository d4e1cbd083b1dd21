"""A real Trino for tests, as tools/setup_trino brings it."""
import subprocess
import time

import requests
import trino.auth
import trino.dbapi

from firn_server import ROOT, free_port


class Trino:
    """A one-node Trino over a Firn's catalog `lake`, and over other catalogs: properties by name.
    `config` is added to its own; `spooling` is its spooling manager's."""

    def __init__(self, folder, firn, port=None, catalogs=None, config="", spooling=""):
        self.folder = folder
        self.port = port or free_port()
        self.firn = firn
        self.catalogs = catalogs or {}
        self.config, self.spooling = config, spooling
        self.process = None

    def start(self):
        subprocess.run([ROOT / "tools/setup_trino"], check=True)
        installed = ROOT / ".deps/trino"
        java_home = (installed / "java_home").read_text().strip()
        etc = self.folder / "etc"
        (etc / "catalog").mkdir(parents=True)
        (etc / "node.properties").write_text(
            f"node.environment=test\nnode.id=test\nnode.data-dir={self.folder}/data\n")
        (etc / "jvm.config").write_text(
            "-server\n-Xmx2G\n-XX:+ExitOnOutOfMemoryError\n-Dfile.encoding=UTF-8\n"
            "-Duser.timezone=UTC\n-XX:+EnableDynamicAgentLoading\n")
        (etc / "config.properties").write_text(
            "coordinator=true\nnode-scheduler.include-coordinator=true\n"
            f"http-server.http.port={self.port}\ndiscovery.uri=http://127.0.0.1:{self.port}\n"
            "query.max-memory-per-node=512MB\n" + self.config)
        if self.spooling:
            (etc / "spooling-manager.properties").write_text(self.spooling)
        (etc / "catalog/lake.properties").write_text(
            "connector.name=iceberg\niceberg.catalog.type=rest\n"
            f"iceberg.rest-catalog.uri={self.firn.url}/iceberg\n"
            "iceberg.rest-catalog.warehouse=lake\niceberg.rest-catalog.security=OAUTH2\n"
            f"iceberg.rest-catalog.oauth2.token={self.firn.key}\n"
            "fs.hadoop.enabled=true\n")
        for name, properties in self.catalogs.items():
            (etc / f"catalog/{name}.properties").write_text(properties)
        self.log = self.folder / "trino.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [installed / "server/bin/launcher", "run", f"--etc-dir={etc}",
                 f"--data-dir={self.folder}/data"],
                env={"JAVA_HOME": java_home, "PATH": f"{java_home}/bin:/usr/bin:/bin"},
                stdout=log, stderr=log)
        return self.wait(f"http://127.0.0.1:{self.port}")

    def wait(self, url, **options):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            try:
                info = requests.get(f"{url}/v1/info", timeout=2, **options).json()
                if not info["starting"]:
                    return self
            except (requests.ConnectionError, requests.Timeout):
                pass
            time.sleep(0.5)
        raise AssertionError("Trino did not start:\n" + self.log.read_text()[-4000:])

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def execute(self, sql):
        connection = trino.dbapi.connect(host="127.0.0.1", port=self.port, user="test",
                                         catalog="lake", schema="main", timezone="UTC")
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()


class PluginTrino(Trino):
    """A Trino with Firn's plugin, as tools/trino_node starts it: HTTPS, Firn's keys, Firn's catalogs."""

    KEY = "firn_trino_fedcba9876543210fedcba9876543210"

    def __init__(self, folder):
        super().__init__(folder, None)
        self.ca = folder / "ca.pem"
        self.url = f"https://127.0.0.1:{self.port}"
        # What the Firn that it is of has to be started with.
        self.firn_flags = ("--trino-url", self.url, "--trino-ca-file", self.ca)
        self.firn_environment = {"FIRN_TRINO_KEY": self.KEY}

    def start(self, firn):
        self.folder.mkdir()
        key_file = self.folder / "key"
        key_file.write_text(self.KEY)
        key_file.chmod(0o600)
        self.firn = firn
        self.log = self.folder / "trino.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([ROOT / "tools/trino_node", firn.url, key_file, self.folder, str(self.port), str(free_port())],
                                            stdout=log, stderr=log)
        # The certificate comes first.
        until = time.monotonic() + 180
        while not self.ca.exists():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()[-4000:]
            time.sleep(0.2)
        return self.wait(self.url, verify=self.ca)

    def connect(self, key, user="somebody", **options):
        session = requests.Session()
        session.trust_env, session.verify = False, str(self.ca)  # a bundle that the environment names would count for more
        return trino.dbapi.connect(host="127.0.0.1", port=self.port, user=user, auth=trino.auth.BasicAuthentication(user, key),
                                   http_scheme="https", http_session=session, catalog="lake", schema="main", timezone="UTC", max_attempts=1,
                                   **options)

    def rows(self, key, sql, **options):
        cursor = self.connect(key, **options).cursor()
        cursor.execute(sql)
        return cursor.fetchall()

    def until_catalogs(self, key, wanted):
        until = time.monotonic() + 60
        while True:
            seen = {name for name, in self.rows(key, "SHOW CATALOGS")}
            if wanted(seen):
                return seen
            assert time.monotonic() < until, (seen, self.log.read_text()[-4000:])
            time.sleep(0.3)
