"""The REST catalog's answers byte by byte: what Java clients look at."""

import requests

SCHEMA = {"type": "struct", "schema-id": 0, "fields": [
    {"id": 7, "name": "id", "required": True, "type": "long"},
    {"id": 9, "name": "st", "required": False, "type": {"type": "struct", "fields": [
        {"id": 20, "name": "x", "required": False, "type": "int"}]}},
    {"id": 11, "name": "s", "required": False, "type": "string"}]}


def call(firn, method, path, **arguments):
    return firn.session.request(method, f"{firn.url}/iceberg/v1/{path}", **arguments)


def create(firn, name, **more):
    return call(firn, "POST", "lake/namespaces/main/tables",
                json={"name": name, "schema": SCHEMA, **more})


def assert_error(answer, status, kind, message):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == (kind, status)
    assert error["message"].startswith(message), error


def test_config_lists_endpoints_and_names_the_prefix(firn):
    config = call(firn, "GET", "config?warehouse=lake").json()
    assert config["overrides"] == {"prefix": "lake"} and config["defaults"] == {}
    assert "POST /v1/{prefix}/transactions/commit" in config["endpoints"]
    assert call(firn, "GET", "config").json()["overrides"] == {"prefix": "lake"}
    assert call(firn, "GET", "config?warehouse=no").status_code == 404


def test_nobody_comes_in_without_a_key(firn):
    answer = requests.get(f"{firn.url}/iceberg/v1/config")
    assert_error(answer, 401, "NotAuthorizedException", "")


def test_client_credentials_give_the_key_as_token(firn):
    answer = requests.post(f"{firn.url}/iceberg/v1/oauth/tokens", data={
        "grant_type": "client_credentials", "client_id": "x", "client_secret": firn.key,
        "scope": "catalog"})
    assert answer.status_code == 200
    assert answer.json()["access_token"] == firn.key
    assert answer.json()["token_type"] == "bearer"
    wrong = requests.post(f"{firn.url}/iceberg/v1/oauth/tokens", data={
        "grant_type": "client_credentials", "client_secret": "firn_no_0123456789abcdef0123"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def test_missing_things_have_types_of_their_own(firn, name):
    base = "lake/namespaces/main"
    assert_error(call(firn, "GET", f"{base}/tables/{name}"), 404, "NoSuchTableException",
                 f"Table does not exist: main.{name}")
    assert_error(call(firn, "GET", f"{base}/views/{name}"), 404, "NoSuchViewException",
                 f"View does not exist: main.{name}")
    assert_error(call(firn, "GET", f"lake/namespaces/{name}"), 404, "NoSuchNamespaceException",
                 f"Namespace does not exist: {name}")
    # Spark looks for a table's metadata tables like this.
    assert_error(call(firn, "GET", f"lake/namespaces/main%1F{name}/tables/snapshots"), 404,
                 "NoSuchTableException", f"Table does not exist: main.{name}.snapshots")
    assert call(firn, "HEAD", f"{base}/tables/{name}").status_code == 404
    assert call(firn, "HEAD", base).status_code == 204


def test_malformed_bodies_are_the_clients_fault(firn, name):
    for body in ("", "[]", "{", "null", "[1]", "x" * 1000, "[" * 5000):
        for path in ("lake/namespaces", "lake/namespaces/main/tables", "lake/tables/rename",
                     "lake/transactions/commit", "lake/namespaces/main/register",
                     "lake/namespaces/main/properties", f"lake/namespaces/main/tables/{name}"):
            answer = call(firn, "POST", path, data=body)
            assert_error(answer, 400, "BadRequestException", "")


def test_ids_are_given_anew_level_by_level(firn, name):
    metadata = create(firn, name, **{"partition-spec": {"fields": [
        {"source-id": 11, "transform": "bucket[4]", "name": "s_b"}]}}).json()["metadata"]
    fields = metadata["schemas"][0]["fields"]
    assert [field["id"] for field in fields] == [1, 2, 3]
    assert fields[1]["type"]["fields"][0]["id"] == 4
    assert metadata["partition-specs"][0]["fields"] == [
        {"source-id": 3, "field-id": 1000, "name": "s_b", "transform": "bucket[4]"}]
    assert (metadata["last-column-id"], metadata["current-snapshot-id"]) == (4, -1)


def test_etag_answers_304_until_the_next_commit(firn, name):
    create(firn, name)
    path = f"lake/namespaces/main/tables/{name}"
    first = call(firn, "GET", path)
    again = call(firn, "GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # The other form of the answer is another entity.
    assert call(firn, "GET", path + "?snapshots=refs",
                headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    commit = call(firn, "POST", path, json={"requirements": [], "updates": [
        {"action": "set-properties", "updates": {"a": "b"}}]})
    assert commit.status_code == 200 and commit.json()["metadata"]["properties"]["a"] == "b"
    assert call(firn, "GET", path,
                headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_requirements_fail_with_the_words_that_clients_compare(firn, name):
    create(firn, name)
    path = f"lake/namespaces/main/tables/{name}"
    for requirement, message in (
            ({"type": "assert-create"}, "Requirement failed: table already exists"),
            ({"type": "assert-table-uuid", "uuid": "00000000-0000-4000-8000-000000000000"},
             "Requirement failed: UUID does not match"),
            ({"type": "assert-current-schema-id", "current-schema-id": 9},
             "Requirement failed: current schema changed"),
            ({"type": "assert-last-assigned-field-id", "last-assigned-field-id": 9},
             "Requirement failed: last assigned field id changed"),
            ({"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 9},
             "Requirement failed: last assigned partition id changed"),
            ({"type": "assert-default-spec-id", "default-spec-id": 9},
             "Requirement failed: default partition spec changed"),
            ({"type": "assert-default-sort-order-id", "default-sort-order-id": 9},
             "Requirement failed: default sort order changed"),
            ({"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 9},
             "Requirement failed: branch or tag main is missing")):
        answer = call(firn, "POST", path, json={"requirements": [requirement], "updates": []})
        assert_error(answer, 409, "CommitFailedException", message)
    for body in ({"requirements": [{"type": "assert-nothing"}], "updates": []},
                 {"requirements": [], "updates": [{"action": "do-nothing"}]}):
        assert_error(call(firn, "POST", path, json=body), 400, "BadRequestException", "")


def test_transactions_are_all_or_nothing(firn, name):
    create(firn, name)
    create(firn, name + "_b")

    def change(table, requirements):
        return {"identifier": {"namespace": ["main"], "name": table},
                "requirements": requirements,
                "updates": [{"action": "set-properties", "updates": {"x": "y"}}]}

    answer = call(firn, "POST", "lake/transactions/commit", json={"table-changes": [
        change(name, []), change(name + "_b", [{"type": "assert-create"}])]})
    assert answer.status_code == 409
    for table in (name, name + "_b"):
        loaded = call(firn, "GET", f"lake/namespaces/main/tables/{table}").json()
        assert "x" not in loaded["metadata"]["properties"]
    assert call(firn, "POST", "lake/transactions/commit", json={"table-changes": [
        change(name, []), change(name + "_b", [])]}).status_code == 204


def test_staged_tables_are_stored_nowhere_until_they_are_committed(firn, name):
    staged = create(firn, name, **{"stage-create": True}).json()
    assert "metadata-location" not in staged
    path = f"lake/namespaces/main/tables/{name}"
    assert call(firn, "GET", path).status_code == 404
    metadata = staged["metadata"]
    updates = [{"action": "assign-uuid", "uuid": metadata["table-uuid"]},
               {"action": "upgrade-format-version", "format-version": 2},
               {"action": "add-schema", "schema": metadata["schemas"][0], "last-column-id": 4},
               {"action": "set-current-schema", "schema-id": -1},
               {"action": "add-spec", "spec": metadata["partition-specs"][0]},
               {"action": "set-default-spec", "spec-id": -1},
               {"action": "add-sort-order", "sort-order": metadata["sort-orders"][0]},
               {"action": "set-default-sort-order", "sort-order-id": -1},
               {"action": "set-location", "location": metadata["location"]}]
    body = {"requirements": [{"type": "assert-create"}], "updates": updates}
    made = call(firn, "POST", path, json=body)
    assert made.status_code == 200, made.text
    assert made.json()["metadata"]["table-uuid"] == metadata["table-uuid"]
    assert_error(call(firn, "POST", path, json=body), 409, "CommitFailedException",
                 "Requirement failed: table already exists")


def test_register_rename_drop(firn, name):
    location = create(firn, name).json()["metadata-location"]
    rename = {"source": {"namespace": ["main"], "name": name},
              "destination": {"namespace": ["main"], "name": name + "_2"}}
    assert call(firn, "POST", "lake/tables/rename", json=rename).status_code == 204
    assert call(firn, "DELETE", f"lake/namespaces/main/tables/{name}_2").status_code == 204
    registered = call(firn, "POST", "lake/namespaces/main/register",
                      json={"name": name, "metadata-location": location})
    assert registered.status_code == 200
    assert registered.json()["metadata-location"] == location
    assert_error(call(firn, "POST", "lake/namespaces/main/register",
                      json={"name": name, "metadata-location": location}),
                 409, "AlreadyExistsException", f"Table already exists: main.{name}")
    assert call(firn, "POST", f"lake/namespaces/main/tables/{name}/metrics",
                json={"report-type": "scan-report"}).status_code == 204
    assert call(firn, "DELETE",
                f"lake/namespaces/main/tables/{name}?purgeRequested=True").status_code == 204
    outside = {"name": name, "metadata-location": "file:///etc/passwd"}
    assert_error(call(firn, "POST", "lake/namespaces/main/register", json=outside), 400,
                 "BadRequestException", "the location")


def test_listings_come_in_pages_when_asked(firn, name):
    for i in range(5):
        assert call(firn, "POST", "lake/namespaces",
                    json={"namespace": [f"{name}_{i}"]}).status_code == 200
    assert len(call(firn, "GET", "lake/namespaces").json()["namespaces"]) >= 5
    seen, token = [], ""
    while token is not None:
        page = call(firn, "GET", "lake/namespaces", params={"pageToken": token, "pageSize": 2}).json()
        assert len(page["namespaces"]) <= 2
        seen += page["namespaces"]
        token = page["next-page-token"]
    assert seen == call(firn, "GET", "lake/namespaces?parent=").json()["namespaces"]
    assert_error(call(firn, "GET", "lake/namespaces?parent=none_such"), 404,
                 "NoSuchNamespaceException", "Namespace does not exist: none_such")
