// What Firn does by the clock: from a statement to its schedule, its alert and its file.
import { strict as assert } from "node:assert";
import { enter, expectAccessible, graphql, heading, inBrowser, jump, press, tabTo } from "./browser.mjs";

const delays = "SELECT round(avg(dep_delay), 1) AS delay FROM lake.main.flights WHERE origin = 'JFK'";

export const automationJourneys = {
  async automation() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const stamp = Date.now();
      await page.goto(`/sql?${new URLSearchParams({ q: delays })}`);
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
      await page.getByRole("button", { name: "Run" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText(/^1 row in/).waitFor();
      await page.getByRole("button", { name: "Download" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      await heading(page, "Automation");
      const file = page.getByRole("listitem").filter({ hasText: "avg(dep_delay)" }).first().getByRole("link", { name: "Download" });
      await file.waitFor();
      const downloading = page.waitForEvent("download");
      await file.focus();
      await page.keyboard.press("Enter");
      let text = "";
      for await (const chunk of await (await downloading).createReadStream()) text += chunk;
      assert.match(text, /delay\r?\n"?12\.1/);
      await press(page, "button", "Delete this export");
      await press(page.getByRole("dialog"), "button", "Delete");
      await page.getByText("Deleted the export").waitFor();

      // A channel, and an alert that tells it.
      await tabTo(page, "tab", "Exports");
      await page.keyboard.press("ArrowRight");
      await press(page, "button", "New channel");
      await page.keyboard.type(`operators ${stamp}`);
      await page.getByRole("textbox", { name: "To" }).fill("ada@example.com, bo@example.com");
      await press(page.getByRole("dialog"), "button", "Create");
      await page.getByText("ada@example.com, bo@example.com").first().waitFor();
      await page.goto(`/sql?${new URLSearchParams({ q: delays })}`);
      await press(page, "button", "Automate", 120);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "New alert" });
      await dialog.waitFor();
      await page.keyboard.type(`delay ${stamp}`);
      assert.equal(await dialog.getByLabel("SQL").inputValue(), delays);
      await dialog.getByLabel("Threshold").fill("10");
      await tabTo(dialog, "checkbox", `operators ${stamp}`);
      await page.keyboard.press("Space");
      await press(dialog, "button", "Save");
      const alert = page.getByRole("listitem").filter({ hasText: `delay ${stamp}` });
      await alert.getByText("Fires where it is above 10").waitFor();
      await press(alert, "button", "Check now");
      await alert.getByText("firing", { exact: true }).waitFor();
      await alert.getByText("12.1").waitFor();
      await press(alert, "button", `delay ${stamp}`);
      await page.getByRole("dialog").getByRole("cell", { name: "12.1" }).waitFor();
      await page.keyboard.press("Escape");
      // It is seen on the overview, which leads back to it.
      await jump(page, "o", "Overview");
      await page.getByRole("link", { name: /alerts? fires?/ }).getByText(`delay ${stamp}`).waitFor();
      await expectAccessible(page, "an alert on the overview");
      await press(page, "link", /alerts? fires?/);
      await heading(page, "Automation");
      await press(alert, "button", `Delete delay ${stamp}`);
      await press(page.getByRole("dialog"), "button", "Delete");
      await alert.waitFor({ state: "detached" });

      await page.goto(`/sql?${new URLSearchParams({ q: delays })}`);
      await press(page, "button", "Automate", 120);
      await page.keyboard.press("Enter");
      const scheduled = page.getByRole("dialog", { name: "New scheduled query" });
      await scheduled.waitFor();
      await page.keyboard.type(`daily ${stamp}`);
      await press(scheduled, "button", "Save");
      const query = page.getByRole("listitem").filter({ hasText: `daily ${stamp}` });
      await press(query, "button", "Ask now");
      await page.getByText("It is being asked").waitFor();
      await press(query, "button", `daily ${stamp}`);
      await page.getByRole("gridcell", { name: "12.1" }).waitFor();
      await page.keyboard.press("Escape");
      await press(query, "button", `Delete daily ${stamp}`);
      await press(page.getByRole("dialog"), "button", "Delete");
      await query.waitFor({ state: "detached" });
      await jump(page, "u", "Automation");
      await page.goto("/automation?tab=tasks");
      await page.getByRole("region", { name: "Tasks" }).getByText("export").first().waitFor();
    });
  },
};

/** With an alert that fires, one that fails, a query, an export and a channel. */
export async function automationPages(context) {
  const known = await graphql(context, "{ alerts { name } }");
  if (!known.data.alerts.some((alert) => alert.name === "Delays at JFK")) {
    const made = await graphql(context, "mutation ($input: ChannelInput!) { createChannel(input: $input) { channel { id } } }", { input: { name: "operations", kind: "EMAIL", to: ["operations@example.com"] } });
    const channelIds = [made.data.createChannel.channel.id];
    const plan = { cron: "*/15 * * * *", timezone: "Europe/Oslo" };
    const set = async (input) => {
      const alert = await graphql(context, "mutation ($input: AlertInput!) { setAlert(input: $input) { id } }", { input: { plan, channelIds, ...input } });
      const check = async () => graphql(context, "mutation ($id: ID!) { checkAlert(id: $id) { id } }", { id: alert.data.setAlert.id });
      await check();
    };
    await set({ name: "Delays at JFK", statement: delays, condition: "ABOVE", threshold: 10 });
    await set({ name: "Cancelled flights", statement: "SELECT count(*) FROM lake.main.flights WHERE dep_time IS NULL", condition: "CHANGE_ABOVE", threshold: 20, changeMinutes: 1440 });
    await set({ name: "Rain", statement: "SELECT avg(rain) FROM lake.main.weather", condition: "ABOVE", threshold: 2 });
    await graphql(context, "mutation ($input: ScheduledQueryInput!) { setScheduledQuery(input: $input) { id } }", { input: { name: "Delays by carrier", statement: "SELECT carrier, round(avg(dep_delay), 1) AS delay FROM lake.main.flights GROUP BY 1 ORDER BY 2 DESC", plan: { cron: "0 6 * * 1-5", timezone: "Europe/Oslo" } } });
    await graphql(context, "mutation ($input: ExportQueryInput!) { exportQuery(input: $input) { id } }", { input: { statement: "SELECT * FROM lake.main.weather", format: "PARQUET" } });
  }
  const tab = (id, text) => ({ path: `/automation?tab=${id}`, ready: (page) => page.getByText(text).first().waitFor() });
  return [
    { path: "/automation", picture: "automation", ready: async (page) => {
      await page.getByText("error", { exact: true }).waitFor();
      await page.getByText("firing", { exact: true }).first().waitFor();
    } },
    { path: "/automation?q=SELECT+1", ready: (page) => page.getByRole("dialog", { name: "New alert" }).waitFor() },
    tab("queries", "Delays by carrier"), tab("exports", "SELECT * FROM lake.main.weather"), tab("channels", "operations@example.com"), tab("tasks", "export"),
  ];
}
