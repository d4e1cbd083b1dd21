// Tables in depth: who sees what of them, their snapshots, and rows that did not fit.
import { strict as assert } from "node:assert";
import { append, enter, expectAccessible, graphql, heading, inBrowser, joinAsGuest, newKey, press, tabTo, url } from "./browser.mjs";

const rowsShown = (page) => page.locator("dt").filter({ hasText: /^Rows/ }).first().locator("xpath=following-sibling::dd");

export const dataJourneys = {
  /** A policy is refused where it is wrong, counted, saved; a viewer sees the rest; it is changed and removed. */
  async policies() {
    await inBrowser(async (page, context, anotherPerson) => {
      await enter(context);
      const table = `salaries_${Date.now()}`;
      await append(await newKey(context), table, [{ who: "ada", region: "north", salary: 10 }, { who: "bo", region: "south", salary: 20 }, { who: "cy", region: "south", salary: 30 }]);
      await page.goto(`/data/lake/main/${table}`);
      await heading(page, table);
      await tabTo(page, "tab", "Columns");
      await page.keyboard.press("End");
      await page.getByText("sees every row and column").waitFor();
      await press(page, "button", "New policy");
      const dialog = page.getByRole("dialog", { name: "New policy" });
      await dialog.waitFor();
      await page.keyboard.type("southern viewers");
      await tabTo(dialog, "textbox", "Rows that they see");
      await page.keyboard.type("regio = 'south'");
      await press(dialog, "button", "Save");
      await dialog.getByRole("alert").getByText(/regio" not found/).waitFor();
      assert.equal(await dialog.getByLabel("Rows that they see").getAttribute("aria-invalid"), "true");
      await expectAccessible(page, "a policy that was refused");
      await dialog.getByLabel("Rows that they see").focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.type("region = 'south' AND caller_role() = 'viewer'");
      await press(dialog, "button", "Count them");
      await dialog.getByText("A viewer would see 2 of 3 rows.").waitFor();
      await dialog.getByLabel("Keep a column from them").selectOption("salary");
      await press(dialog, "button", "Save");
      await page.getByText("Saved southern viewers").waitFor();
      await page.getByText("salary: nulled").waitFor();
      await page.getByText("salary is always null").waitFor();
      await expectAccessible(page, "policies");

      const { other, leave } = await joinAsGuest(context, anotherPerson, "VIEWER");
      await other.goto(`/data/lake/main/${table}?tab=sample`);
      await other.getByRole("gridcell", { name: "bo", exact: true }).waitFor();
      assert.equal(await other.getByRole("gridcell", { name: "ada", exact: true }).count(), 0);
      assert.equal(await other.getByRole("gridcell", { name: /^(20|30)$/ }).count(), 0);
      assert.equal(await other.getByRole("tab", { name: "Policies" }).count(), 0);
      await other.goto(`/data/lake/main/${table}`);
      await other.getByText("masked for you").waitFor();
      await expectAccessible(other, "a table under a policy");
      await other.goto(`/sql?${new URLSearchParams({ q: `SELECT count(*) AS many, sum(salary) AS total FROM lake.main.${table}` })}`);
      await press(other, "button", "Run", 120);
      await other.getByRole("gridcell", { name: "2", exact: true }).waitFor();
      await other.getByRole("gridcell", { name: "null", exact: true }).waitFor();

      // Changed to hide the column, and then removed: it holds from the next look on.
      await press(page, "button", "Change southern viewers");
      const changing = page.getByRole("dialog", { name: "Change southern viewers" });
      await changing.getByLabel("What they see of salary").selectOption("HIDDEN");
      await press(changing, "button", "Save");
      await page.getByText("salary: hidden").waitFor();
      await other.goto(`/data/lake/main/${table}`);
      await other.getByRole("cell", { name: "region" }).waitFor();
      assert.equal(await other.getByRole("cell", { name: "salary" }).count(), 0);
      await press(page, "button", "Remove southern viewers");
      await press(page.getByRole("dialog", { name: "Remove southern viewers?" }), "button", "Remove");
      await page.getByText("sees every row and column").waitFor();
      await other.goto(`/data/lake/main/${table}?tab=sample`);
      await other.getByRole("gridcell", { name: "ada", exact: true }).waitFor();
      await leave();
    }, { expected: [/SetPolicy: BAD_USER_INPUT the row filter does not work/] });
  },

  /** A column is widened, renamed, taken back, added and dropped; the history tells of it once rows have it. */
  async columns() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `items_${Date.now()}`;
      const made = await graphql(context, "mutation ($input: CreateTableInput!) { createTable(input: $input) { id } }", { input: { table: { name: table }, columns: [{ name: "price", type: "int" }] } });
      assert.ok(made.data, JSON.stringify(made));
      const key = await newKey(context);
      await append(key, table, [{ price: 1 }]);
      await page.goto(`/data/lake/main/${table}`);
      await page.getByText("Since the first rows came in").waitFor();
      const column = (name) => page.getByRole("table").getByText(name, { exact: true });
      const act = async (name, action) => {
        await press(page, "button", `More about ${name}`, 120);
        await page.getByRole("menuitem", { name: action }).focus();
        await page.keyboard.press("Enter");
      };
      await act("price", "Widen its type");
      await press(page.getByRole("dialog", { name: "Widen price" }), "button", "Widen");
      await page.getByText("price is long now").waitFor();
      await page.getByRole("cell", { name: "long", exact: true }).waitFor();
      const rename = async () => {
        await act("price", "Rename");
        await page.getByRole("dialog", { name: "Rename price" }).waitFor();
        await page.keyboard.press("Control+a");
        await page.keyboard.type("cost");
        await page.keyboard.press("Enter");
        await column("cost").waitFor();
      };
      await rename();
      await page.getByRole("button", { name: "Undo" }).click();
      await column("price").waitFor();
      await rename();
      await press(page, "button", "Add a column", 120);
      const adding = page.getByRole("dialog", { name: "Add a column" });
      await adding.waitFor();
      await page.keyboard.type("cost");
      await page.keyboard.press("Enter");
      await adding.getByRole("alert").getByText(/has a column 'cost'/).waitFor();
      await adding.getByLabel("Name").fill("note");
      await page.keyboard.press("Enter");
      await column("note").waitFor();
      await expectAccessible(page, "columns");
      await append(key, table, [{ cost: 2, note: "x" }]);
      await page.reload();
      await page.getByText("from int to long").waitFor();
      await act("cost", "History");
      const history = page.getByRole("dialog", { name: "History of cost" });
      await history.getByText("from price").waitFor();
      await expectAccessible(page, "a column's history");
      await page.keyboard.press("Escape");
      await act("note", "Drop");
      await press(page.getByRole("dialog", { name: "Drop note?" }), "button", "Drop");
      await page.getByText("Dropped note").waitFor();
      await column("note").waitFor({ state: "detached" });
    }, { expected: [/AddColumn: ALREADY_EXISTS|AddColumn: .*has a column 'cost'/] });
  },

  /** A snapshot gets a name, the table goes back to it, and forward again. */
  async roll_back() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `prices_${Date.now()}`;
      const key = await newKey(context);
      await append(key, table, [{ n: 1 }, { n: 2 }]);
      await append(key, table, [{ n: 3 }]);
      await page.goto(`/data/lake/main/${table}?tab=snapshots`);
      await page.getByText("2 of 2 snapshots").waitFor();
      const first = page.getByRole("region", { name: "Snapshots" }).getByRole("row").last();
      const refs = page.getByRole("region", { name: "Branches and tags" });
      for (const [kind, name] of [["A tag", "audited"], ["A branch", "trial"]]) {
        await press(first, "button", "Name");
        const naming = page.getByRole("dialog", { name: "Name this snapshot" });
        await naming.waitFor();
        await page.keyboard.type(name);
        await naming.getByRole("radio", { name: new RegExp(kind) }).check();
        await press(naming, "button", "Make it");
        await refs.getByRole("row", { name: new RegExp(name) }).waitFor();
      }
      await press(first, "button", "Name");
      const again = page.getByRole("dialog", { name: "Name this snapshot" });
      await page.keyboard.type("audited");
      await press(again, "button", "Make it");
      await again.getByRole("alert").getByText(/has a branch or tag/).waitFor();
      await page.keyboard.press("Escape");
      await press(page, "button", "Drop trial");
      await press(page.getByRole("dialog", { name: "Drop trial?" }), "button", "Drop");
      await refs.getByRole("row", { name: /trial/ }).waitFor({ state: "detached" });

      await press(first, "button", "Roll back");
      const back = page.getByRole("dialog", { name: `Roll ${table} back?` });
      await back.getByText("1 row fewer than now").waitFor();
      await expectAccessible(page, "before a roll-back");
      await press(back, "button", "Roll back");
      await rowsShown(page).filter({ hasText: /^2$/ }).waitFor();
      await refs.getByRole("row", { name: /before-rollback-/ }).waitFor();
      await expectAccessible(page, "a table that was rolled back");
      await page.reload();
      await press(page, "button", "Undo the roll-back");
      await page.getByText(/is as it was before the roll-back/).waitFor();
      await rowsShown(page).filter({ hasText: /^3$/ }).waitFor();
      await page.getByText("set aside").first().waitFor({ state: "detached" });
      const kept = await graphql(context, "query ($name: String!) { table(name: $name) { rowCount refs { name } } }", { name: table });
      assert.equal(kept.data.table.rowCount, 3);
    }, { expected: [/CreateTag: ALREADY_EXISTS/] });
  },
};

/** A table with everything: rolled back, tagged, under a policy, with rows that did not fit. */
export async function dataPages(context) {
  const known = await graphql(context, '{ table(name: "bookings") { id } }');
  if (!known.data.table) {
    const key = await newKey(context, "EDITOR");
    await append(key, "bookings", [{ guest: "Ada Berg", region: "north", nights: 3, price: 420 }, { guest: "Bo Lund", region: "south", nights: 1, price: 95 }]);
    await append(key, "bookings", [{ guest: "Cy Dahl", region: "south", nights: 2, price: 190 }]);
    const { data } = await graphql(context, '{ table(name: "bookings") { id snapshots { edges { node { id } } } } }');
    const { id, snapshots } = data.table;
    const [newest, oldest] = snapshots.edges.map((edge) => edge.node.id);
    await graphql(context, "mutation ($id: ID!, $to: ID!) { createTag(tableId: $id, name: \"audited-2026\", snapshotId: $to) { name } }", { id, to: newest });
    await graphql(context, "mutation ($id: ID!, $to: ID!) { rollBackTable(tableId: $id, snapshotId: $to) { id } }", { id, to: oldest });
    const policy = async (input) => graphql(context, "mutation ($input: SetPolicyInput!) { setPolicy(input: $input) { id } }", { input: { tableId: id, ...input } });
    await policy({ name: "prices are ours", roles: ["VIEWER", "EDITOR"], columns: [{ column: "price", rule: "NULLED" }] });
    await policy({ name: "viewers see the south", roles: ["VIEWER"], rowFilter: "region = 'south'", columns: [{ column: "guest", rule: "HASHED" }] });
    await fetch(`${url}/append?catalog=lake&schema=main&table=bookings`, { method: "POST", headers: { "X-API-Key": key, "Content-Type": "application/json" }, body: JSON.stringify([{ guest: "Di Moe", region: "north", nights: "two", price: 260 }]) });
  }
  const tab = (id, ready) => ({ path: `/data/lake/main/bookings?tab=${id}`, ready });
  return [
    tab("snapshots", (page) => page.getByRole("button", { name: "Undo the roll-back" }).waitFor()),
    tab("policies", (page) => page.getByText("What roles see of it").waitFor()),
    tab("policies", async (page) => {
      await page.getByRole("button", { name: "Change viewers see the south" }).click();
      await page.getByRole("dialog").waitFor();
    }),
    { path: "/ingestion?table=lake.main.bookings", ready: (page) => page.getByText("column 'nights' is long; got text").waitFor() },
    { path: "/ingestion?table=lake.main.bookings", ready: async (page) => {
      await page.getByRole("button", { name: /^Mend the row/ }).click();
      await page.getByRole("button", { name: "Rename nights" }).waitFor();
    } },
  ];
}
