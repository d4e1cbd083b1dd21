// Questions without SQL, statements laid out and planned, time as a slider, rows as they come in.
import { strict as assert } from "node:assert";
import { append, enter, expectAccessible, graphql, heading, inBrowser, jump, newKey, press, settled, tabTo, url } from "./browser.mjs";

const menu = async (page, name, item) => {
  await page.getByRole("button", { name }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: item }).focus();
  await page.keyboard.press("Enter");
};

export const exploreJourneys = {
  /** A question by the keyboard; its SQL stands beside it and leads on; the address has it all. */
  async explore() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await page.goto("/");
      await heading(page, "Overview");
      await jump(page, "x", "Explore");
      await tabTo(page, "combobox", "Table");
      await page.getByLabel("Table", { exact: true }).selectOption("lake.main.flights");
      await page.getByText("SELECT count(*) AS rows FROM lake.main.flights").waitFor();
      await page.getByText(/^1 row in/).waitFor();
      await tabTo(page, "combobox", "Divide by");
      await page.keyboard.type("carrier");
      await page.getByText(/^16 rows in/).waitFor();
      await page.locator("canvas").waitFor();
      await press(page, "button", "Add a number");
      await page.getByLabel("Average of: column").selectOption("dep_delay");
      await page.getByText(/round\(avg\(dep_delay\), 2\) AS avg_dep_delay/).waitFor();
      await page.getByLabel("Add a condition").selectOption("origin");
      await tabTo(page, "textbox", "Value of origin");
      await page.keyboard.type("JFK");
      await page.getByText(/^10 rows in/).waitFor();
      const statement = await page.getByLabel("The question in SQL", { exact: true }).innerText();
      assert.match(statement, /WHERE origin = 'JFK'\nGROUP BY ALL\nORDER BY 2 DESC/);

      await page.reload();
      await page.getByText(/^10 rows in/).waitFor();
      assert.equal(await page.getByRole("textbox", { name: "Value of origin" }).inputValue(), "JFK");
      await press(page, "link", "Open in SQL");
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
      await page.getByText("avg_dep_delay").first().waitFor();
    });
  },

  /** Laid out, planned, and asked as of a commit that is past. */
  async time() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `time_${Date.now()}`;
      const secret = await newKey(context);
      await append(secret, table, [{ n: 1 }, { n: 2 }]);
      await append(secret, table, [{ n: 3 }]);
      await page.goto(`/sql?${new URLSearchParams({ q: `select count(*) as many from lake.main.${table}` })}`);
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
      await menu(page, "Statement", "Format");
      await page.getByText("SELECT", { exact: true }).first().waitFor();
      await menu(page, "Statement", "Show its plan");
      const plan = page.getByRole("dialog", { name: "Plan" });
      await plan.getByRole("cell", { name: `lake.main.${table}` }).waitFor();
      await plan.getByLabel("The engine’s plan").filter({ hasText: /SCAN/ }).waitFor();
      await page.keyboard.press("Escape");

      const answer = (n) => page.getByRole("gridcell", { name: String(n), exact: true }).waitFor();
      await page.getByRole("button", { name: "Run" }).focus();
      await page.keyboard.press("Enter");
      await answer(3);
      await menu(page, "Statement", "Ask as of another time");
      const slider = page.getByRole("slider", { name: "As of which commit" });
      await slider.focus();
      await page.keyboard.press("Home");
      await answer(2);
      await page.getByText(/\+2 rows/).waitFor();
      await page.getByRole("button", { name: "Now", exact: true }).focus();
      await page.keyboard.press("Enter");
      await answer(3);

      // Before the table was there: since when it is, and the way to that moment.
      await page.goto(`/sql?${new URLSearchParams({ q: `SELECT count(*) AS many FROM lake.main.${table}`, asOf: "2001-01-01T00:00:00Z" })}`);
      await press(page, "button", "Run", 120);
      await page.getByText(`${table} had no rows yet`).waitFor();
      await expectAccessible(page, "before the first commit");
      await page.getByRole("button", { name: "Show that moment" }).focus();
      await page.keyboard.press("Enter");
      await answer(2);

      // An answer of then, asked again of the data of now.
      const asked = await graphql(context, "mutation ($input: RunQueryInput!) { runQuery(input: $input) { evidence { id } } }", { input: { statement: `SELECT count(*) AS many FROM lake.main.${table}`, waitMs: 20_000 } });
      await append(secret, table, [{ n: 4 }]);
      await page.goto(`/evidence/${asked.data.runQuery.evidence.id}`);
      await heading(page, "Evidence");
      await press(page, "button", "Ask again now");
      await page.getByText("other rows", { exact: true }).waitFor();
      await page.getByText("3 rows read then, 4 now").waitFor();
      await press(page, "button", "Replay");
      await page.getByText("the same rows", { exact: true }).waitFor();
    });
  },

  /** Rows that come in move the page; one that does not fit is read, mended, and sent again. */
  async ingestion() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `events_${Date.now()}`;
      const secret = await newKey(context);
      await page.goto("/");
      await heading(page, "Overview");
      await jump(page, "n", "Ingestion");
      await tabTo(page, "combobox", "To");
      await page.keyboard.type("A new table");
      await page.getByLabel("Its name").fill(table);
      for (const [language, words] of [["curl", "curl '"], ["Python", "import os, requests"], ["JavaScript", "await fetch("], ["Go", "package main"], ["Java", "HttpClient.newHttpClient()"]]) {
        if (language === "curl") await tabTo(page, "tab", "curl");
        else await page.keyboard.press("ArrowRight");
        const code = page.getByLabel(`Send rows with ${language}`, { exact: true });
        await code.getByText(words).waitFor();
        assert.ok((await code.innerText()).includes(`${url}/append?catalog=lake&schema=main&table=${table}`));
      }
      await append(secret, table, Array.from({ length: 40 }, (_, n) => ({ n })));
      await page.getByText("Rows since start").locator("xpath=following-sibling::dd").filter({ hasText: /[1-9]/ }).waitFor();
      await page.goto(`/ingestion?table=lake.main.${table}`);
      await page.getByText("Every row fitted").waitFor();
      await settled(page);

      // Rows that do not fit are read; the table makes way, they are sent again, and seen in it.
      const misfits = await fetch(`${url}/append?catalog=lake&schema=main&table=${table}`, { method: "POST", headers: { "X-API-Key": secret, "Content-Type": "application/json" }, body: JSON.stringify([{ n: "forty" }, { n: "fifty" }, { n: "sixty" }, { n: "seventy" }]) });
      assert.equal((await misfits.json()).rejected_count, 4);
      const choice = page.getByRole("navigation", { name: "Tables with rejected rows" }).getByRole("button", { name: new RegExp(table) });
      await choice.waitFor();
      await page.reload();
      await choice.focus();
      await page.keyboard.press("Enter");
      const list = page.getByRole("region", { name: "Rejected rows" });
      await list.getByText("column 'n' is long; got text").first().waitFor();
      await press(list, "button", /Mend the row: .*seventy/);
      const mend = page.getByRole("dialog", { name: "A row that did not fit" });
      await press(mend, "button", "Discard the row");
      await page.getByText("Discarded 1 row", { exact: true }).waitFor();
      await list.getByText("seventy").waitFor({ state: "detached" });
      await press(list, "button", /Mend the row: .*sixty/);
      await mend.getByLabel("The row").fill('{"n": 60}');
      await press(mend, "button", "Send the mended row");
      await page.getByText("1 row fitted", { exact: true }).waitFor();
      await list.getByText("sixty").waitFor({ state: "detached" });
      await press(list, "button", /Mend the row: .*forty/);
      await mend.getByRole("button", { name: "Rename n" }).waitFor();
      await expectAccessible(page, "a rejected row");
      await mend.getByLabel("The row").fill('{"n": 40');
      await mend.getByText("This is no JSON object yet.").waitFor();
      await press(mend, "button", "Rename n");
      await mend.getByText("No column n is long any more").waitFor();
      await press(mend, "button", "Send again as it came");
      await page.getByText("1 row fitted", { exact: true }).waitFor();
      await list.getByText("forty").waitFor({ state: "detached" });
      await tabTo(page, "checkbox", /All that are shown/);
      await page.keyboard.press("Space");
      await press(page, "button", /Send again/);
      await page.getByText("Every row fitted").waitFor();
      await press(page, "link", "See the table’s rows");
      await press(page, "button", "Run", 120);
      await page.getByText(/^43 rows in/).waitFor();
      const kept = await graphql(context, "mutation ($input: RunQueryInput!) { runQuery(input: $input) { result { rows } } }", { input: { statement: `SELECT n FROM lake.main.${table} WHERE n IS NOT NULL ORDER BY 1`, waitMs: 20_000 } });
      assert.deepEqual(kept.data.runQuery.result.rows, [["fifty"], ["forty"]]);
    });
  },
};

export const explorePages = () => {
  const question = { table: "lake.main.flights", measures: [{ how: "avg", column: "dep_delay" }], dimensions: [{ column: "time_hour", grain: "month" }, { column: "origin", grain: null }], filters: [{ column: "carrier", is: "=", value: "UA" }] };
  const statement = "SELECT origin, count(*) AS flights FROM lake.main.flights GROUP BY ALL";
  const sql = (item, ready) => ({ path: `/sql?${new URLSearchParams({ q: statement })}`, ready: async (page) => {
    await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
    await menu(page, "Statement", item);
    await ready(page);
  } });
  return [
    { path: `/explore?${new URLSearchParams({ q: JSON.stringify(question) })}`, picture: "explore", ready: async (page) => {
      await heading(page, "Explore");
      await page.locator("canvas").waitFor();
    } },
    { path: "/ingestion?table=lake.main.flights", picture: "ingestion", ready: (page) => page.getByText("Every row fitted").waitFor() },
    sql("Show its plan", (page) => page.getByText(/LAKE_SCAN/).waitFor()),
    sql("Ask as of another time", (page) => page.getByRole("slider").waitFor()),
  ];
};
