import { describe, expect, it } from "vitest";
import { appendCode, exampleValue, quoteName, tableInSql } from "@/features/catalog/append_code";
import { flattenTree } from "@/features/catalog/tree_items";

describe("code to paste", () => {
  const place = { catalog: "lake", namespace: "main", table: "it's & more" };

  it("escapes for its language", () => {
    const code = appendCode("https://firn.example", place, { name: "O'Neil", ok: true, none: null });
    expect(code.curl).toContain("table=it%27s+%26+more");
    expect(code.curl).toContain("O'\\''Neil");
    expect(code.python).toContain('{"name": "O\'Neil", "ok": True, "none": None}');
    expect(code.go).toContain('rows := `[{"name":"O\'Neil","ok":true,"none":null}]`');
    expect(appendCode("https://firn.example", place, { tick: "`" }).go).toContain('rows := "[{\\"tick\\":\\"`\\"}]"');
    expect(code.java).toContain('var rows = "[{\\"name\\":\\"O\'Neil\\",\\"ok\\":true,\\"none\\":null}]";');
    expect(code.javascript).toContain('[{"name":"O\'Neil","ok":true,"none":null}]');
  });

  it("quotes names in SQL only where it has to", () => {
    expect(tableInSql({ catalog: "lake", namespace: "raw.eu", table: "Page Views" })).toBe('lake.raw.eu."Page Views"');
    expect(quoteName('a"b')).toBe('"a""b"');
  });

  it("has a plausible value for each type", () => {
    expect([exampleValue("long"), exampleValue("timestamptz"), exampleValue("list<string>")]).toEqual([1, "2026-01-31T12:00:00Z", []]);
  });
});

describe("the tree", () => {
  const table = (namespace: string, name: string) => ({ node: { id: `${namespace}.${name}`, name, namespace, fullName: `lake.${namespace}.${name}` } });
  const catalogs = [{
    id: "c", name: "lake", namespaces: [{ id: "m", name: "main" }, { id: "r", name: "raw" }],
    tables: { edges: [table("main", "flights"), table("main", "weather"), table("raw", "events")] },
  }];
  const names = (closed: string[], search = "") => flattenTree(catalogs, new Set(closed), search).map((item) => item.name);

  it("shows what is open", () => {
    expect(names([])).toEqual(["lake", "main", "flights", "weather", "raw", "events"]);
    expect(names(["m"])).toEqual(["lake", "main", "raw", "events"]);
    expect(names(["c"])).toEqual(["lake"]);
  });

  it("opens what holds something that is looked for", () => {
    expect(names(["c", "m"], "WEATH")).toEqual(["lake", "main", "weather"]);
    expect(names([], "nothing")).toEqual([]);
  });
});
