// A dashboard looked at: narrowed, chosen from, as of another time, on a wall, in a picture; and what a cold load costs.
import { strict as assert } from "node:assert";
import { append, enter, expectAccessible, graphql, heading, inBrowser, newKey, press, settled, tabTo, tile } from "./browser.mjs";

const from = "FROM lake.main.flights";

/** Flights by airport variable, carriers, days; the weather has no carriers. */
const narrowed = (name) => ({
  name,
  variables: [{ name: "origin", label: "Airport", type: "text", defaultValue: "JFK", options: ["JFK", "LGA", "EWR"] }],
  tiles: [
    tile("n", 0, 0, 3, 2, "Flights", "NUMBER", `SELECT count(*) AS n ${from} WHERE origin = $origin`, { y: ["n"] }),
    tile("w", 3, 0, 3, 2, "Hours of weather", "NUMBER", "SELECT count(*) AS n FROM lake.main.weather", { y: ["n"] }),
    tile("c", 0, 2, 6, 4, "Carriers", "BAR", `SELECT carrier, count(*) AS flights ${from} WHERE origin = $origin GROUP BY 1 ORDER BY 2 DESC, 1`, { x: "carrier", y: ["flights"] }),
    tile("t", 0, 6, 6, 3, "Carriers by name", "TABLE", `SELECT carrier, count(*) AS flights ${from} WHERE origin = $origin GROUP BY 1 ORDER BY 2 DESC, 1`, {}),
    tile("d", 6, 2, 6, 4, "Days", "LINE", `SELECT make_date(year::int, month::int, day::int) AS day, count(*) AS flights ${from} WHERE origin = $origin GROUP BY 1 ORDER BY 1`, { x: "day", y: ["flights"] }),
  ],
});

const make = async (context, input) => (await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }", { input })).data.createDashboard.id;
const answerOf = async (context, statement) => Number((await graphql(context, "mutation ($input: RunQueryInput!) { runQuery(input: $input) { result { rows } } }", { input: { statement, waitMs: 20_000 } })).data.runQuery.result.rows[0][0]);
const short = (n) => new Intl.NumberFormat("en-US", n < 10_000 ? {} : { notation: "compact", maximumFractionDigits: 1 }).format(n);
const choose = async (page, button, item) => {
  await press(page, "button", button, 120);
  await page.getByRole("menuitem", { name: item, exact: true }).focus();
  await page.keyboard.press("Enter");
};

/** What a page asks by name, and the JavaScript that came over the wire for it, in bytes as they were compressed. */
async function coldLoad(context, path, ready) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const scripts = new Set();
  const asked = [];
  let bytes = 0;
  page.on("request", (request) => asked.push(/"operationName":"(\w+)"/.exec(request.postData() ?? "")?.[1]));
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type !== "Script") return;
    scripts.add(requestId);
    assert.equal(response.headers["content-encoding"] ?? response.headers["Content-Encoding"] ?? "gzip", "gzip", response.url);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { if (scripts.has(requestId)) bytes += encodedDataLength; });
  await page.goto(path);
  await ready(page);
  await page.waitForLoadState("networkidle");
  assert.ok(scripts.size > 0);
  await page.close();
  return { bytes, asked };
}

export const dashboardJourneys = {
  /** By keyboard and mouse: range, filter, a choice in a chart and its undoing; the address has it all. */
  async narrow() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const id = await make(context, narrowed(`Narrowed ${Date.now()}`));
      const shows = (title, n) => page.getByRole("region", { name: title }).getByText(short(n), { exact: true }).waitFor();
      await page.goto(`/dashboards/${id}`);
      const all = await answerOf(context, `SELECT count(*) ${from} WHERE origin = 'JFK'`);
      await shows("Flights", all);

      // By the keyboard: along the carriers to the second, and back out by Escape.
      const second = (await graphql(context, "mutation ($input: RunQueryInput!) { runQuery(input: $input) { result { rows } } }", { input: { statement: `SELECT carrier, count(*) ${from} WHERE origin = 'JFK' GROUP BY 1 ORDER BY 2 DESC, 1`, waitMs: 20_000 } })).data.runQuery.result.rows[1];
      const bars = page.getByRole("application", { name: /^Carriers/ });
      await tabTo(page, "application", /^Carriers/);
      await page.locator("canvas").nth(1).waitFor();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await bars.getByRole("status").getByText(`${second[0]}: ${second[1]}`).waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: `Remove the filter carrier: ${second[0]}` }).waitFor();
      await shows("Flights", second[1]);
      await page.getByRole("region", { name: "Hours of weather" }).getByText("not by carrier").waitFor();
      await expectAccessible(page, "a chosen carrier");
      await page.keyboard.press("Escape");
      await shows("Flights", all);
      assert.equal(new URL(page.url()).search, "");

      // A cell of a table chooses as a bar does, and the same cell again takes it away.
      const list = page.getByRole("grid", { name: "Carriers by name" });
      await list.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: `Remove the filter carrier: ${second[0]}` }).waitFor();
      await shows("Flights", second[1]);
      await list.getByRole("gridcell", { name: second[0], exact: true }).click();
      await shows("Flights", all);

      // By the mouse: a day; the chip takes it away.
      const days = await page.getByRole("application", { name: /^Days/ }).boundingBox();
      await page.mouse.click(days.x + days.width / 2, days.y + days.height / 2);
      const chip = page.getByRole("button", { name: /^Remove the filter time_hour: 2013-/ });
      const day = /2013-\d\d-\d\d/.exec(await chip.innerText())[0];
      await shows("Flights", await answerOf(context, `SELECT count(*) ${from} WHERE origin = 'JFK' AND time_hour >= TIMESTAMPTZ '${day} 00:00:00Z' AND time_hour < TIMESTAMPTZ '${day} 00:00:00Z' + INTERVAL 1 DAY`));
      await chip.click();
      await shows("Flights", all);

      // A range, a filter and a variable together; a link has them.
      await tabTo(page, "combobox", "Time");
      await page.getByLabel("Time", { exact: true }).selectOption("custom");
      for (const [label, value] of [["From", "2013-03-01"], ["To, that day too", "2013-03-31"]]) {
        await page.getByLabel(label, { exact: true }).fill(value);
        await page.getByLabel(label, { exact: true }).press("Enter");
      }
      await press(page, "button", "Filter");
      const dialog = page.getByRole("dialog", { name: "Filter" });
      await dialog.getByLabel("Column").selectOption("dest");
      await dialog.getByLabel("Value").fill("LAX");
      await expectAccessible(page, "a filter");
      await page.keyboard.press("Enter");
      await page.getByLabel("Airport").selectOption("EWR");
      const march = await answerOf(context, `SELECT count(*) ${from} WHERE origin = 'EWR' AND dest = 'LAX' AND time_hour >= TIMESTAMPTZ '2013-03-01' AND time_hour < TIMESTAMPTZ '2013-04-01'`);
      await shows("Flights", march);
      await choose(page, "Share this dashboard", "Copy the link");
      await page.getByText(/^Copied the link/).waitFor();
      const link = await page.evaluate(() => navigator.clipboard.readText());
      await page.goto("/");
      await page.goto(link);
      await shows("Flights", march);
      assert.equal(await page.getByLabel("Airport").inputValue(), "EWR");

      // As a picture; printed; on a wall, which Escape leaves.
      await settled(page);
      const saved = page.waitForEvent("download");
      await choose(page, "Share this dashboard", "Save as a picture");
      const picture = await saved;
      assert.match(picture.suggestedFilename(), /^narrowed-\d+\.png$/);
      let size = 0;
      for await (const chunk of await picture.createReadStream()) size += chunk.length;
      assert.ok(size > 30_000, `a picture of ${size} bytes`);
      await page.evaluate(() => { window.print = () => { document.title = `printed ${document.documentElement.dataset.theme}`; }; });
      await choose(page, "Share this dashboard", "Print, or save as PDF");
      await page.waitForFunction(() => document.title === "printed light");
      await page.evaluate(() => dispatchEvent(new Event("afterprint")));
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.getByRole("navigation", { name: "Main" }).count(), 0);
      await page.getByText("2013-03-01 to 2013-03-31 · Airport: EWR · dest: LAX").waitFor();
      await page.emulateMedia({ media: null });
      await press(page, "button", "Full screen");
      await page.getByRole("navigation", { name: "Main" }).first().waitFor({ state: "hidden" });
      assert.match(page.url(), /full=1/);
      await expectAccessible(page, "on a wall");
      await page.keyboard.press("Escape");
      await page.getByRole("navigation", { name: "Main" }).first().waitFor();
      assert.doesNotMatch(page.url(), /full=1/);
      await shows("Flights", march);
    });
  },

  /** Every tile as its tables were; an insight stands on a dashboard, drawn as it was found. */
  async past() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `past_${Date.now()}`;
      const secret = await newKey(context);
      await append(secret, table, [{ kind: "a", n: 1 }, { kind: "b", n: 2 }]);
      const statement = `SELECT kind, sum(n) AS total FROM lake.main.${table} GROUP BY 1 ORDER BY 1`;
      const found = await graphql(context, "mutation ($input: RunQueryInput!) { runQuery(input: $input) { evidence { id } } }", { input: { statement, waitMs: 20_000 } });
      const insight = { title: `Kinds of ${table}`, narrative: "There are **two** kinds.", evidenceId: found.data.runQuery.evidence.id, spec: { kind: "TABLE", y: [] } };
      const made = await graphql(context, "mutation ($input: CreateInsightInput!) { createInsight(input: $input) { id } }", { input: insight });
      assert.ok(made.data, JSON.stringify(made));
      await append(secret, table, [{ kind: "c", n: 40 }]);

      const id = await make(context, { name: table, tiles: [tile("t", 0, 0, 3, 2, "Total", "NUMBER", `SELECT sum(n) AS total FROM lake.main.${table}`, { y: ["total"] })] });
      const total = page.getByRole("region", { name: "Total" });
      await page.goto(`/dashboards/${id}`);
      await total.getByText("43", { exact: true }).waitFor();
      await press(page, "button", "As of");
      const dialog = page.getByRole("dialog", { name: "As of another time" });
      await dialog.getByRole("button", { name: new RegExp(`^${table} \\+2 rows`) }).waitFor();
      await expectAccessible(page, "as of");
      await press(dialog, "button", new RegExp(`^${table} \\+2 rows`));
      await total.getByText("3", { exact: true }).waitFor();
      await page.reload();
      await page.getByText(/^Every tile as its tables were on/).waitFor();
      await total.getByText("3", { exact: true }).waitFor();
      await expectAccessible(page, "the past");
      await page.goto(`/dashboards/${id}?asOf=2001-01-01T00:00:00Z`);
      await total.getByText(`${table} had no rows yet`).waitFor();
      await expectAccessible(page, "before the first commit");
      await press(total, "button", "Show that moment");
      await total.getByText("3", { exact: true }).waitFor();
      await press(page, "button", "Back to now");
      await total.getByText("43", { exact: true }).waitFor();

      await press(page, "button", "Edit");
      await choose(page, "Add a tile", "Insight");
      await page.getByRole("dialog", { name: "Insight" }).getByLabel("Insight").selectOption(insight.title);
      await press(page.getByRole("dialog", { name: "Insight" }), "button", "Done");
      const shown = page.getByRole("article", { name: insight.title });
      const kinds = async () => {
        await shown.getByRole("gridcell", { name: "b", exact: true }).waitFor();
        assert.equal(await shown.getByRole("gridcell", { name: "c", exact: true }).count(), 0, "it is drawn from the data that it was found in");
      };
      await kinds();
      await press(page, "button", "Save", 120);
      await page.getByText("Saved the dashboard").waitFor();

      // The answer is kept no longer: its snapshot gives the same rows.
      await page.route("**/graphql", async (route) => {
        if (route.request().postDataJSON()?.operationName === "KeptAnswer") return route.fulfill({ json: { data: { queryRun: null } } });
        await route.fallback();
      });
      await page.reload();
      await kinds();
      await press(shown, "link", insight.title);
      await heading(page, "Insight");
      await page.getByRole("gridcell", { name: "b", exact: true }).waitFor();
      await expectAccessible(page, "an insight alone");
    });
  },

  /** What a cold load brings in JavaScript, compressed: less than 300 KB to sign in, than 600 KB for a dashboard. */
  async weight() {
    await inBrowser(async (_, context) => {
      // What the page's first script asks before the app is there is not asked again.
      const kilobytes = async (path, ready, ...once) => {
        const { bytes, asked } = await coldLoad(context, path, ready);
        for (const name of once) assert.equal(asked.filter((each) => each === name).length, 1, `${path} asks ${name}`);
        return bytes / 1000;
      };
      const signIn = await kilobytes("/signin", (page) => page.getByRole("heading", { level: 1 }).waitFor(), "Session");
      await enter(context);
      const id = await make(context, narrowed(`Weighed ${Date.now()}`));
      const dashboard = await kilobytes(`/dashboards/${id}`, (page) => page.locator("canvas").nth(1).waitFor(), "Session", "DashboardById");
      await kilobytes("/", (page) => page.getByText("Tables that changed last").waitFor(), "Session", "Home", "DeadJobs");
      console.log(`sign-in ${signIn.toFixed(0)} KB, a dashboard ${dashboard.toFixed(0)} KB of compressed JavaScript`);
      assert.ok(signIn < 300, `the sign-in page loads ${signIn} KB`);
      assert.ok(dashboard < 600 && dashboard > signIn, `a dashboard loads ${dashboard} KB`);
    });
  },
};

/** The dashboard narrowed, as of now; on a wall; and what one fills in. */
export async function dashboardPages(id) {
  const filters = JSON.stringify([{ column: "carrier", is: "=", value: "B6", tile: "carriers" }]);
  const drawn = async (page) => {
    await page.getByRole("heading", { level: 1, name: "Departures" }).waitFor();
    await page.locator("canvas").nth(1).waitFor();
  };
  return [
    { path: `/dashboards/${id}?${new URLSearchParams({ range: "2013-03-01..2013-08-31", filters })}`, ready: drawn, picture: "dashboard-narrowed" },
    { path: `/dashboards/${id}?${new URLSearchParams({ asOf: new Date().toISOString() })}`, ready: drawn },
  ];
}
