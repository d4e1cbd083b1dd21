"""A disk that is full, or fails to sync: no acknowledgement, reads go on, writes resume."""
import pathlib
import time

import pytest


@pytest.fixture
def faulty(make_firn, tmp_path):
    fault = tmp_path / "fault"
    firn = make_firn("--commit-interval-ms", "100", FIRN_FAULT_FILE=str(fault)).start()
    firn.fault = fault
    return firn


@pytest.mark.parametrize("line", ["sync EIO", "write ENOSPC", "sync EIO\nwrite ENOSPC"])
def test_no_acknowledgement_reads_go_on_writes_resume(faulty, line):
    firn = faulty
    assert firn.append("t", [{"i": 1}], sync="true").status_code == 200
    assert firn.append("t", [{"i": 2}]).status_code == 200
    firn.fault.write_text(line + "\n")
    for i in range(5):
        refused = firn.append("t", [{"i": 100 + i}])
        assert refused.status_code == 507, refused.text
        assert refused.json()["error"] == "storage-unavailable"
        assert firn.append(f"new{i}", [{"i": 1}]).status_code == 507
    assert firn.value("SELECT count(*) FROM lake.main.t") == 2
    firn.fault.unlink()
    until = time.monotonic() + 20
    while firn.append("t", [{"i": 3}]).status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert firn.append("t", [{"i": 4}], sync="true").status_code == 200
    assert firn.query("SELECT i FROM lake.main.t ORDER BY i") == [[1], [2], [3], [4]]
    firn.kill()
    firn.start()
    assert firn.query("SELECT i FROM lake.main.t ORDER BY i") == [[1], [2], [3], [4]]


def test_a_commit_that_fails_is_tried_again(faulty):
    firn = faulty
    firn.append("t", [{"i": 1}], sync="true")
    for n in range(3):
        assert firn.append("t", [{"i": n}]).status_code == 200
        firn.fault.write_text("sync EIO\n")
        time.sleep(0.5)  # the committer fails meanwhile
        assert firn.value("SELECT count(*) FROM lake.main.t") == n + 2
        firn.fault.unlink()
        assert firn.append("other", [{"i": n}], sync="true").status_code == 200
    until = time.monotonic() + 20
    while "firn_hot_rows 0\n" not in firn.session.get(firn.url + "/metrics").text:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert firn.value("SELECT count(*) FROM lake.main.t") == 4
