// A change of a table's rows, from the agent that stages it to the person who publishes it.
import { strict as assert } from "node:assert";
import { append, enter, expectAccessible, graphql, heading, inBrowser, newKey, press, tile, url } from "./browser.mjs";

async function asAgent(key, query, variables) {
  const response = await fetch(`${url}/graphql`, { method: "POST", headers: { "X-API-Key": key, "Content-Type": "application/json" }, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** A proposal to publish a change, and a dashboard that reads the table. */
async function proposed(context) {
  const table = `readings_${Date.now()}`;
  const key = await newKey(context, "EDITOR");
  await append(key, table, [{ sensor: "a", value: 20.5 }, { sensor: "b", value: -999 }, { sensor: "c", value: 21 }]);
  const made = await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }",
    { input: { name: `Sensors ${table}`, tiles: [tile("t", 0, 0, 4, 4, "Mean of all", "NUMBER", `SELECT round(avg(value), 2) AS mean FROM ${table}`, { y: ["mean"] })] } });
  assert.ok(made.data?.createDashboard, JSON.stringify(made));
  const { stageChange } = await asAgent(key, "mutation ($input: StageChangeInput!) { stageChange(input: $input) { id } }",
    { input: { table, mode: "REPLACE", statement: `SELECT * FROM ${table} WHERE value > -900` } });
  const title = `Readings of -999 are no readings (${table})`;
  await asAgent(key, "mutation ($input: ProposeInput!) { propose(input: $input) { id } }",
    { input: { title, narrative: "The sensor says -999 when it is off.", action: "publishChange", arguments: { id: stageChange.id } } });
  return { table, title, dashboard: `Sensors ${table}` };
}

export const changeJourneys = {
  async change() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const { table, title, dashboard } = await proposed(context);
      await page.goto("/proposals");
      const card = page.getByRole("article", { name: title });
      const change = card.getByRole("region", { name: `Change of lake.main.${table}` });
      await change.getByText("3 rows would become 2").waitFor();
      await change.getByRole("row").filter({ hasText: "-999" }).getByText("removed").waitFor({ state: "attached" });
      await expectAccessible(page, "a proposed change");
      if (process.env.FIRN_WEB_PICTURE) await card.screenshot({ path: process.env.FIRN_WEB_PICTURE });

      // The dashboard as it would be, and as it is.
      await press(change, "link", `${dashboard} with the change`);
      await heading(page, dashboard);
      await page.getByText("with a change that is not published yet").waitFor();
      await page.getByText("20.75", { exact: true }).waitFor();
      await press(page, "button", "Back to now");
      await page.getByText("-319.17", { exact: true }).waitFor();

      await page.goto("/proposals");
      await press(card, "button", "Approve");
      await page.getByText("Approved, and done").waitFor();
      await page.goto(`/data/lake/main/${table}`);
      await heading(page, table);
      const { data } = await graphql(context, "query ($name: String!) { table(name: $name) { rowCount refs { name } } }", { name: table });
      assert.deepEqual(data.table, { rowCount: 2, refs: [{ name: "main" }] });
    });
  },
};
