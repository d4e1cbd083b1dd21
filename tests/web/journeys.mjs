// What people do in the web app, with the keyboard alone. `node journeys.mjs NAME`; FIRN_URL says
// where Firn is, with the demo's tables in it.
import { strict as assert } from "node:assert";
import { agentJourneys, agentPages } from "./agent_journeys.mjs";
import { askJourneys, askPages } from "./ask_journeys.mjs";
import { automationJourneys, automationPages } from "./automation_journeys.mjs";
import { acceptInvitation, append, enter, expectAccessible, graphql, heading, inBrowser, jump, newKey, owner, press, send, settled, sizes, tabTo, tile, url } from "./browser.mjs";
import { changeJourneys } from "./change_journeys.mjs";
import { connectionJourneys, connectionPages } from "./connection_journeys.mjs";
import { dataJourneys, dataPages } from "./data_journeys.mjs";
import { dashboardJourneys, dashboardPages } from "./dashboard_journeys.mjs";
import { exploreJourneys, explorePages } from "./explore_journeys.mjs";
import { jobJourneys, jobPages } from "./job_journeys.mjs";

const type = (page, text) => page.keyboard.type(text);

/** Out of the editor, where Tab indents: the first Escape may only close a list of completions. */
async function leaveEditor(page) {
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
}

async function typeStatement(page, statement) {
  await page.keyboard.press("Control+a");
  await type(page, statement);
}

async function openSql(page) {
  await page.goto("/sql");
  await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
  await page.getByRole("textbox", { name: /^SQL/ }).focus();
}

const cell = (page, row, column) => page.locator(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column}"]`);

/** On the overview of an empty server, with the code that it shows. */
async function fromTheFirstRowsToASharedDashboard(page, anotherPerson) {
  const code = await page.getByLabel("Send rows with curl", { exact: true }).innerText();
  await press(page, "link", "Make a key");
  await heading(page, "Settings");
  await press(page, "button", "New service account");
  await type(page, "collector");
  await page.keyboard.press("Enter");
  const making = page.getByRole("dialog", { name: "New key for collector" });
  await press(making, "button", "Make the key");
  const key = (await page.getByRole("dialog").getByLabel("The new key", { exact: true }).innerText()).trim();
  await press(page.getByRole("dialog"), "button", "I have it");
  await expectAccessible(page, "service accounts");
  await send(code, key);
  await send(code.replace("signed up", "signed in"), key);

  await jump(page, "o", "Overview");
  await page.getByText(/table has new rows/).waitFor();
  await press(page, "link", /^events/);
  await heading(page, "events");
  await tabTo(page, "tab", "Columns");
  await page.keyboard.press("ArrowRight");
  await page.getByRole("gridcell", { name: "signed up" }).waitFor();
  await expectAccessible(page, "the first rows");
  await openSql(page);
  await typeStatement(page, "SELECT action, count(*) AS people FROM lake.main.events GROUP BY action");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/^2 rows in/).waitFor();
  await leaveEditor(page);
  await tabTo(page, "tab", "Rows");
  await page.keyboard.press("ArrowRight");
  await page.locator("canvas").first().waitFor();
  await press(page, "button", "Add to dashboard");
  const adding = page.getByRole("dialog", { name: "Add to dashboard" });
  await adding.waitFor();
  await type(page, "Who did what");
  await tabTo(adding, "textbox", "Name of the new dashboard");
  await type(page, "First days");
  await page.keyboard.press("Enter");
  await press(page, "link", "Open the dashboard");
  await heading(page, "First days");
  await page.locator("canvas").first().waitFor();
  await expectAccessible(page, "the first dashboard");
  const shared = page.url();

  await page.goto("/settings?section=people");
  await press(page, "button", "Invite");
  const inviting = page.getByRole("dialog");
  await inviting.getByLabel("E-mail address").fill("bo@example.com");
  await inviting.getByLabel("Role", { exact: true }).selectOption("VIEWER");
  await press(inviting, "button", "Make the link");
  const link = await page.getByLabel("Invitation link", { exact: true }).innerText();
  const guest = await anotherPerson();
  const other = await guest.newPage();
  await acceptInvitation(other, link);
  await other.goto(shared);
  await heading(other, "First days");
  await other.locator("canvas").first().waitFor();
  assert.equal(await other.getByRole("button", { name: "Edit", exact: true }).count(), 0);
  await expectAccessible(other, "a dashboard that was shared");
  await guest.close();
  await page.keyboard.press("Escape");
  await page.goto("/");
  await heading(page, "Overview");
}

export const journeys = {
  ...agentJourneys,
  ...askJourneys,
  ...automationJourneys,
  ...connectionJourneys,
  ...dashboardJourneys,
  ...dataJourneys, ...changeJourneys,
  ...exploreJourneys,
  ...jobJourneys,

  /** A new server: its owner, a key, the first rows, their chart on a dashboard, a second person who opens it; and a session that ends, begins again, and leads back. */
  async first_run() {
    await inBrowser(async (page, context, anotherPerson) => {
      await page.goto("/data");
      await heading(page, "Set up Firn");
      await expectAccessible(page, "set-up");
      await type(page, "Northern Lights");
      for (const value of [owner.name, owner.email, "too short"]) {
        await page.keyboard.press("Tab");
        await type(page, value);
      }
      await page.keyboard.press("Enter");
      await heading(page, "Set up Firn");
      await page.keyboard.press("Control+a");
      await type(page, owner.password);
      await page.keyboard.press("Enter");
      await heading(page, "Overview");
      if (!process.env.FIRN_WEB_MOCK) {
        await page.getByText("Send the first rows").waitFor();
        await page.getByText(`${url}/append?catalog=lake&schema=main&table=events`).waitFor();
        await expectAccessible(page, "an empty server");
        await fromTheFirstRowsToASharedDashboard(page, anotherPerson);
      }

      await tabTo(page, "button", /theme, account/);
      await page.keyboard.press("Enter");
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await heading(page, "Sign in");

      await page.goto("/settings?section=account");
      await heading(page, "Sign in");
      await expectAccessible(page, "sign-in");
      await type(page, owner.email);
      await page.keyboard.press("Tab");
      await type(page, "not the password");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      await page.keyboard.press("Control+a");
      await type(page, owner.password);
      await page.keyboard.press("Enter");
      await heading(page, "Settings");
      assert.match(page.url(), /section=account/);

      // A session that has ended elsewhere leads to sign-in, and back.
      await context.clearCookies();
      await page.getByRole("tab", { name: "People" }).click();
      await heading(page, "Sign in");
      assert.match(page.url(), /next=.*people/);
    }, { expected: [/SignIn: UNAUTHENTICATED/, /People: UNAUTHENTICATED/] });
  },

  /** From the overview to a table, its columns and a cell of its sample. */
  async browse() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await page.goto("/");
      await heading(page, "Overview");
      await page.keyboard.press("g");
      await page.keyboard.press("d");
      await heading(page, "Data");
      await tabTo(page, "searchbox", "Search tables");
      await type(page, "fligh");
      await page.getByRole("treeitem", { name: "weather" }).waitFor({ state: "detached" });
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await heading(page, "flights");
      await page.getByText("336,776").first().waitFor();
      await page.getByRole("cell", { name: "dep_delay" }).first().waitFor();
      await tabTo(page, "tab", "Columns");
      await page.keyboard.press("ArrowRight");
      await page.getByRole("grid", { name: "Sample" }).waitFor();
      await tabTo(page, "grid", "Sample");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("End");
      const active = page.getByRole("gridcell", { selected: true });
      await active.waitFor();
      assert.equal(await active.getAttribute("aria-colindex"), "19");
      await page.keyboard.press("Control+c");
      await page.getByText("Copied the cell").waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await active.innerText());
      await tabTo(page, "tab", "Sample", 80);
      for (const name of ["Snapshots", "Files", "Used by", "Code"]) {
        await page.keyboard.press("ArrowRight");
        await page.getByRole("tab", { name, selected: true }).waitFor();
        await settled(page);
      }
      await page.getByText(`${url}/append?catalog=lake&schema=main&table=flights`).first().waitFor();
      await page.keyboard.press("Control+k");
      await type(page, "weather");
      await page.getByRole("option", { name: /lake\.main\.weather/ }).waitFor();
      await page.keyboard.press("Enter");
      await heading(page, "weather");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    });
  },

  /** A statement, its rows, a sort, its evidence; an error where it is; all of it after a reload. */
  async query() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await openSql(page);
      await typeStatement(page, "SELECT carrier, count(*) AS flights, max(tailnum) FILTER (false) AS nothing FROM lake.main.flights GROUP BY carrier ORDER BY flights DESC");
      await page.keyboard.press("Control+Enter");
      await cell(page, 1, 1).filter({ hasText: "UA" }).waitFor();
      assert.equal(await cell(page, 1, 2).innerText(), "58665");
      assert.equal(await cell(page, 1, 3).innerText(), "null");
      assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "17");

      await leaveEditor(page);
      await tabTo(page, "grid", "Rows of the result");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      await cell(page, 1, 1).filter({ hasText: "OO" }).waitFor();
      assert.equal(await page.getByRole("columnheader", { name: /flights/ }).getAttribute("aria-sort"), "ascending");

      await page.getByRole("tab", { name: "Rows", exact: true }).focus();
      await page.keyboard.press("End");
      await page.getByRole("button", { name: "Replay" }).waitFor();
      await tabTo(page, "button", "Replay");
      await page.keyboard.press("Enter");
      await page.getByText("the same rows", { exact: true }).waitFor();

      await page.reload();
      await cell(page, 1, 1).filter({ hasText: "UA" }).waitFor();
      await page.getByRole("textbox", { name: /^SQL/ }).focus();
      await typeStatement(page, "SELECT carrier,\n  nope\nFROM lake.main.flights");
      await page.keyboard.press("Control+Enter");
      await page.getByText("The statement failed").waitFor();
      await page.getByText(/nope/).last().waitFor();
      // The way from the error to where it is, and on: mended where the cursor stands, and run.
      await leaveEditor(page);
      await press(page, "button", "Go to line 2, column 3");
      for (const letter of "nope") await page.keyboard.press("Delete");
      await type(page, "count(*) AS mended");
      await leaveEditor(page);
      await page.getByRole("textbox", { name: /^SQL/ }).focus();
      await page.keyboard.press("Control+End");
      await type(page, " GROUP BY ALL");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^16 rows in/).waitFor();
      await page.getByRole("columnheader", { name: /mended/ }).waitFor();

      await page.getByRole("textbox", { name: /^SQL/ }).focus();
      await typeStatement(page, "FROM lake.main.flights");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/of 336,776 rows are here|336,776 rows in/).first().waitFor();
      await leaveEditor(page);
      await tabTo(page, "grid", "Rows of the result");
      await page.keyboard.press("Control+End");
      await page.getByText(/^7\d\d of|^1,2\d\d of|^700 of/).first().waitFor();

      const downloading = page.waitForEvent("download");
      await page.getByRole("textbox", { name: /^SQL/ }).focus();
      await typeStatement(page, "SELECT 1 AS one");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^1 row in/).waitFor();
      await page.getByRole("button", { name: "Download" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("menuitem", { name: "CSV", exact: true }).waitFor();
      await page.keyboard.press("Enter");
      const file = await (await downloading).createReadStream();
      let text = "";
      for await (const chunk of file) text += chunk;
      assert.match(text, /^"?one"?\r?\n"?1"?/);
    });
  },

  async cancel() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await openSql(page);
      await typeStatement(page, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^Running/).waitFor();
      await page.waitForTimeout(600);
      await leaveEditor(page);
      await tabTo(page, "button", "Cancel", 200);
      await page.keyboard.press("Enter");
      await page.getByText("Cancelled").first().waitFor();
      await page.getByRole("button", { name: "Run" }).waitFor();
    });
  },

  /** What fails can be tried again; without WebSockets a query still comes to its end. */
  async trouble() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const broken = (name) => page.route("/graphql", (route) =>
        route.request().postDataJSON()?.operationName === name ? route.fulfill({ status: 503, body: "" }) : route.fallback());
      await broken("Home");
      await page.goto("/");
      await page.getByRole("alert").getByText("The server answered with status 503.").waitFor();
      await expectAccessible(page, "an error");
      await page.unroute("/graphql");
      await tabTo(page, "button", "Try again");
      await page.keyboard.press("Enter");
      await page.getByText("Tables that changed last").waitFor();

      await page.route("/graphql", (route) => route.abort());
      await page.goto("/");
      await page.getByText("Firn is not answering").waitFor();
      await page.unroute("/graphql");
      await tabTo(page, "button", "Try again");
      await page.keyboard.press("Enter");
      await page.getByText("Tables that changed last").waitFor();

      await page.routeWebSocket("/graphql", (socket) => socket.close());
      await openSql(page);
      await typeStatement(page, "SELECT count(*) AS n FROM range(40000) a, range(30000) b WHERE a.range * b.range % 7 = 3");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^1 row in/).waitFor({ timeout: 40_000 });
    }, { expected: [/Home: 503/, /net::ERR_FAILED/] });
  },

  /** From a result's chart to a dashboard: moved, sized, saved, and back to the version before. */
  async dashboard() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await openSql(page);
      await typeStatement(page, "SELECT origin, count(*) AS flights FROM lake.main.flights GROUP BY origin ORDER BY origin");
      await page.keyboard.press("Control+Enter");
      await page.getByText(/^3 rows in/).waitFor();
      await leaveEditor(page);
      await tabTo(page, "tab", "Rows");
      await page.keyboard.press("ArrowRight");
      await page.locator("canvas").first().waitFor();
      await tabTo(page, "button", "Add to dashboard");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Add to dashboard" }).waitFor();
      await type(page, "Flights by airport");
      await tabTo(page, "textbox", "Name of the new dashboard");
      const name = `Airports ${Date.now()}`;
      await type(page, name);
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "Open the dashboard" }).waitFor();
      await tabTo(page, "link", "Open the dashboard");
      await page.keyboard.press("Enter");
      await heading(page, name);
      await page.locator("canvas").first().waitFor();

      await tabTo(page, "button", "Edit");
      await page.keyboard.press("Enter");
      await press(page, "button", "Add a tile");
      await page.getByRole("menuitem", { name: "Text" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Text" }).waitFor();
      await type(page, "About");
      await tabTo(page, "textbox", "Text");
      await type(page, "All **three** airports of New York.");
      await tabTo(page, "button", "Done");
      await page.keyboard.press("Enter");
      await page.getByText("airports of New York").waitFor();

      const tile = page.getByRole("region", { name: "Flights by airport" });
      const before = await tile.boundingBox();
      for (let i = 0; i < 40 && !(await tile.evaluate((element) => element === document.activeElement)); i++) await page.keyboard.press("Tab");
      await page.keyboard.press("Shift+ArrowLeft");
      await page.keyboard.press("Shift+ArrowDown");
      await page.waitForTimeout(100);
      const after = await tile.boundingBox();
      assert.ok(after.width < before.width && after.height > before.height, "Shift and arrows size the tile");
      const text = page.getByRole("region", { name: "About" });
      const left = (await text.boundingBox()).x;
      for (let i = 0; i < 40 && !(await text.evaluate((element) => element === document.activeElement)); i++) await page.keyboard.press("Tab");
      await page.keyboard.press("ArrowLeft");
      await page.waitForTimeout(100);
      assert.ok((await text.boundingBox()).x < left, "arrows move the tile");

      await tabTo(page, "button", "Save", 120);
      await page.keyboard.press("Enter");
      await page.getByText("Saved the dashboard").waitFor();
      await page.reload();
      await heading(page, name);
      await page.getByText("airports of New York").waitFor();
      const kept = await tile.boundingBox();
      assert.ok(Math.abs(kept.width - after.width) < 3, "the size is kept");

      await tabTo(page, "button", "More about this dashboard");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Versions" }).waitFor();
      await tabTo(page, "button", "Restore");
      await page.keyboard.press("Enter");
      const confirm = page.getByRole("dialog", { name: "Restore version 1?" });
      await confirm.waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByText("Restored version 1").waitFor();
      await page.getByText("airports of New York").waitFor({ state: "detached" });
    });
  },

  /** Two people on one dashboard: each sees what the other saves, and nobody overwrites unasked. */
  async conflict() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const made = await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id version } }", {
        input: { name: "Shared", tiles: [{ id: "t", kind: "TEXT", title: "Note", text: "one", x: 0, y: 0, width: 6, height: 2 }] },
      });
      const { id, version } = made.data.createDashboard;
      await page.goto(`/dashboards/${id}`);
      await page.getByText("one", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Edit Note" }).click();
      await page.getByRole("textbox", { name: "Text" }).fill("mine");
      await page.getByRole("button", { name: "Done" }).click();
      await graphql(context, "mutation ($input: UpdateDashboardInput!) { updateDashboard(input: $input) { id } }", { input: { id, version, name: "Shared by others" } });
      await page.getByText(/has saved version 2/).waitFor();
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("dialog", { name: "Somebody else saved meanwhile" }).waitFor();
      await page.getByRole("button", { name: "Save mine over it" }).click();
      await page.getByText("Saved the dashboard").waitFor();
      await page.getByText("mine", { exact: true }).waitFor();
    }, { expected: [/UpdateDashboard: CONFLICT/] });
  },

  /** Somebody is invited and joins; a program gets a key, which is shown once. */
  async people_and_keys() {
    await inBrowser(async (page, context, anotherPerson) => {
      await enter(context);
      await page.goto("/settings?section=people");
      await page.getByRole("button", { name: "Invite" }).click();
      const email = `guest-${Date.now()}@example.com`;
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Role", { exact: true }).selectOption("VIEWER");
      await page.getByRole("button", { name: "Make the link" }).click();
      const link = await page.getByLabel("Invitation link", { exact: true }).innerText();
      await page.getByRole("button", { name: "Done" }).click();
      await page.getByRole("cell", { name: email, exact: true }).waitFor();

      const guest = await anotherPerson();
      const other = await guest.newPage();
      await acceptInvitation(other, link);
      await other.goto("/settings?section=accounts");
      await other.getByText(/Only admins see/).waitFor();
      await other.goto("/sql");
      assert.equal(await other.getByRole("button", { name: "Save" }).count(), 0);
      assert.equal(await other.getByRole("link", { name: "Jobs" }).count(), 0);
      await other.goto("/jobs");
      await other.getByText("The queue belongs to the deployment").waitFor();
      await other.goto("/agents");
      await other.getByText("flight delays").waitFor();
      assert.equal(await other.getByRole("button", { name: /New agent|Run now/ }).count(), 0);
      await guest.close();

      await page.goto("/settings?section=accounts");
      await page.getByRole("button", { name: "New service account" }).first().click();
      const name = `collector ${Date.now()}`;
      await page.getByLabel("Name").fill(name);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: `New key for ${name}` }).waitFor();
      await page.getByRole("button", { name: "Make the key" }).click();
      const secret = (await page.getByRole("dialog").getByLabel("The new key", { exact: true }).innerText()).trim();
      assert.match(secret, /^firn_/);
      await page.getByRole("button", { name: "I have it" }).click();
      await page.getByRole("region", { name: `Keys of ${name}` }).waitFor();
      assert.equal(await page.getByText(secret).count(), 0);
      if (process.env.FIRN_WEB_MOCK) return;
      const sent = await fetch(`${url}/append?catalog=lake&schema=main&table=from_the_web`, {
        method: "POST", headers: { "X-API-Key": secret, "Content-Type": "application/json" }, body: JSON.stringify([{ n: 1 }]),
      });
      assert.equal(sent.status, 200, await sent.text());
      await page.goto("/data/lake/main/from_the_web");
      await heading(page, "from_the_web");
    });
  },

  /** What the demo's agent proposes: read, checked, approved and declined, by the keyboard alone. */
  async proposals() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await page.goto("/");
      await heading(page, "Overview");
      await page.keyboard.press("g");
      await page.keyboard.press("p");
      await heading(page, "Proposals");
      const first = page.getByRole("article").first();
      const title = await first.getByRole("heading").innerText();
      await first.getByRole("button", { name: "Check the evidence" }).focus();
      await page.keyboard.press("Enter");
      await first.getByText("The evidence still gives the same answer.").waitFor();
      await first.getByRole("button", { name: "Approve" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("Approved, and done").waitFor();
      await page.getByRole("article", { name: title }).waitFor({ state: "detached" });
      const insights = await graphql(context, "{ insights { edges { node { title evidenceId } } } }");
      assert.ok(insights.data.insights.edges.some(({ node }) => node.title === title && node.evidenceId), JSON.stringify(insights));

      const next = page.getByRole("article").first();
      const declined = await next.getByRole("heading").innerText();
      await next.getByRole("button", { name: "Reject" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("textbox", { name: "Why" }).fill("We know that");
      await page.keyboard.press("Enter");
      await page.getByRole("article", { name: declined }).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "All", exact: true }).click();
      await page.getByRole("article", { name: declined }).getByText("We know that").waitFor();
      await page.getByRole("article", { name: title }).getByText("approved", { exact: true }).waitFor();

      // What was approved stands among the insights, drawn, with its evidence; it can be put away and had back.
      await page.getByRole("button", { name: "All", exact: true }).focus();
      await jump(page, "i", "Insights");
      const insight = page.getByRole("article", { name: title });
      await insight.locator("canvas").waitFor();
      await press(insight, "button", "Put away");
      await insight.waitFor({ state: "detached" });
      await press(page, "button", "Put away");
      await press(insight, "button", "Take back");
      await insight.waitFor({ state: "detached" });
      await press(page, "button", "Present");
      await press(insight, "link", "Evidence");
      await heading(page, "Evidence");
      await press(page, "button", "Replay");
      await page.getByText("the same rows", { exact: true }).waitFor();

      // Who decided it stands in the audit log.
      await page.goto("/settings?section=audit");
      await tabTo(page, "searchbox", "Only this action");
      await type(page, "approveProposal");
      await page.keyboard.press("Enter");
      const entry = page.getByRole("region", { name: "Audit log" }).getByRole("row").filter({ hasText: "approveProposal" }).first();
      await entry.getByText(owner.name).waitFor();
      await entry.getByText("done", { exact: true }).waitFor();
      await expectAccessible(page, "the audit log");
      await page.goto("/");
      await page.getByRole("link", { name: /new insight/ }).waitFor();
      await press(page, "link", /proposals? waits? for a decision/);
      await heading(page, "Proposals");
    });
  },

  /** Rows that come in show where their table is looked at, without asking. */
  async live() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const table = `live_${Date.now()}`;
      const key = await newKey(context);
      const add = (n) => append(key, table, Array.from({ length: n }, (_, i) => ({ i })));
      await add(11);
      const made = await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }", {
        input: { name: table, tiles: [tile("n", 0, 0, 3, 2, "Rows", "NUMBER", `SELECT count(*) AS n FROM lake.main.${table}`, { y: ["n"] })] },
      });
      await page.goto(`/dashboards/${made.data.createDashboard.id}`);
      await page.getByText("11", { exact: true }).waitFor();
      await page.waitForTimeout(1000);
      await add(20);
      await page.getByText("31", { exact: true }).waitFor();
      await page.goto(`/data/lake/main/${table}?tab=snapshots`);
      await page.getByText("31", { exact: true }).first().waitFor();
      await page.waitForTimeout(1000);
      await add(5);
      await page.getByText("36", { exact: true }).first().waitFor();
      await page.getByText("live", { exact: true }).waitFor();
      await page.getByText("3 of 3 snapshots").waitFor();
    });
  },

  /** A dashboard that is refreshed by the clock opens with its last answers, and says of when they are. */
  async refresh() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const name = `Refreshed ${Date.now()}`;
      const made = await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }", {
        input: { name, tiles: [tile("n", 0, 0, 3, 2, "Rows", "NUMBER", "SELECT count(*) AS n FROM lake.main.weather", { y: ["n"] })] },
      });
      const id = made.data.createDashboard.id;
      const open = async () => {
        await press(page, "button", "More about this dashboard");
        await page.getByRole("menuitem", { name: "Refresh by the clock" }).focus();
        await page.keyboard.press("Enter");
        return page.getByRole("dialog", { name: "Refresh by the clock" });
      };
      await page.goto(`/dashboards/${id}`);
      await heading(page, name);
      await press(await open(), "button", "Save");
      await page.getByText(/^Refreshed every day at 06:00/).waitFor();
      await press(await open(), "button", "Refresh now");
      const kept = async () => (await graphql(context, "query ($id: ID!) { dashboardRefresh(dashboardId: $id) { tiles { result { rowCount } } } }", { id })).data.dashboardRefresh.tiles;
      for (let i = 0; i < 100 && (await kept()).length === 0; i++) await page.waitForTimeout(100);
      assert.deepEqual(await kept(), [{ result: { rowCount: 1 } }]);

      // The live answer is held back: the kept one is there meanwhile.
      let release;
      const released = new Promise((done) => { release = done; });
      await page.route("**/graphql", async (route) => {
        if (route.request().postData()?.includes("RunTile")) await released;
        await route.fallback();
      });
      await page.goto(`/dashboards/${id}`);
      const shown = page.getByRole("region", { name: "Rows" });
      await shown.getByText(/^as of/).waitFor();
      await shown.getByText("26.1K").waitFor();
      await expectAccessible(page, "a kept answer");
      release();
      await shown.getByText(/^as of/).waitFor({ state: "detached" });
      await shown.getByText("26.1K").waitFor();

      const dialog = await open();
      await dialog.getByText(/as Ada Berg/).waitFor();
      await expectAccessible(page, "refresh by the clock");
      await press(dialog, "button", "Stop refreshing");
      await dialog.waitFor({ state: "detached" });
      const after = await graphql(context, "query ($id: ID!) { dashboardRefresh(dashboardId: $id) { plan { cron } } }", { id });
      assert.equal(after.data.dashboardRefresh, null);
    });
  },

  /** Every page in both schemes and sizes: nothing serious against the guidelines. */
  async accessible() {
    for (const scheme of ["light", "dark"]) {
      await inBrowser(async (page, context) => {
        await enter(context);
        for (const { path, ready } of await pages(context)) {
          await page.goto(path);
          await ready(page);
          for (const size of ["narrow", "wide"]) {
            await page.setViewportSize(sizes[size]);
            await settled(page);
            await expectAccessible(page, `${path} ${scheme} ${size}`);
          }
        }
      }, { scheme });
    }
  },

  /** Pictures for the documentation, into FIRN_SCREENSHOTS. */
  async screenshots() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const { data } = await graphql(context, '{ table(name: "flights") { id } }');
      await graphql(context, "mutation ($id: ID!, $comment: String) { setTableComment(id: $id, comment: $comment) { id } }", { id: data.table.id, comment: "Every flight that left New York in 2013." });
      await pages(context);
    });
    for (const scheme of ["light", "dark"]) {
      for (const size of Object.keys(sizes)) {
        await inBrowser(async (page, context) => {
          await page.goto("/signin");
          await page.getByRole("heading", { level: 1 }).waitFor();
          await page.screenshot({ path: `${process.env.FIRN_SCREENSHOTS}/sign-in-${size}-${scheme}.png` });
          await enter(context);
          for (const { path, ready, picture } of await pages(context)) {
            if (!picture) continue;
            await page.goto(path);
            await ready(page);
            await settled(page);
            await page.waitForTimeout(400);
            await page.screenshot({ path: `${process.env.FIRN_SCREENSHOTS}/${picture}-${size}-${scheme}.png` });
          }
        }, { scheme, size });
      }
    }
  },
};

/** The pages with something on them; a dashboard is made for them once. */
async function pages(context) {
  const found = await graphql(context, '{ dashboards(first: 5, search: "Departures") { edges { node { id } } } }');
  let id = found.data.dashboards.edges[0]?.node.id;
  if (!id) {
    const made = await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }", { input: departures });
    assert.ok(made.data, JSON.stringify(made));
    id = made.data.createDashboard.id;
  }
  const statement = "SELECT origin, dest, count(*) AS flights, round(avg(dep_delay), 1) AS delay, min(time_hour) AS first_seen\nFROM lake.main.flights\nWHERE dep_delay IS NOT NULL\nGROUP BY origin, dest\nORDER BY delay DESC";
  const h1 = (name) => (page) => page.getByRole("heading", { level: 1, name }).waitFor();
  const run = async (page) => {
    await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText(/rows in/).waitFor();
  };
  return [
    { path: "/", ready: h1("Overview"), picture: "overview" },
    { path: "/data", ready: async (page) => {
      await h1("Data")(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
    } },
    { path: "/data", ready: h1("Data") },
    { path: "/data/lake/main/flights", ready: h1("flights"), picture: "table" },
    ...["sample", "snapshots", "files", "readers", "code", "rejected", "policies"].map((tab) => ({ path: `/data/lake/main/flights?tab=${tab}`, ready: h1("flights") })),
    { path: "/data/lake/main/missing", ready: (page) => page.getByText("There is no such table").waitFor() },
    { path: `/sql?${new URLSearchParams({ q: statement })}`, ready: run, picture: "sql" },
    { path: "/sql?q=SELECT+1,+nope", ready: async (page) => {
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
      await page.getByRole("button", { name: "Run" }).click();
      await page.getByText("The statement failed").waitFor();
    } },
    { path: `/sql?${new URLSearchParams({ q: statement })}`, ready: async (page) => {
      await run(page);
      await page.getByRole("tab", { name: "Evidence" }).click();
      await page.getByRole("button", { name: "Replay" }).waitFor();
    } },
    { path: "/dashboards", ready: h1("Dashboards") },
    { path: `/dashboards/${id}`, ready: async (page) => {
      await h1("Departures")(page);
      await page.locator("canvas").nth(1).waitFor();
    }, picture: "dashboard" },
    { path: `/dashboards/${id}`, ready: async (page) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Add a tile" }).waitFor();
    } },
    ...await dashboardPages(id),
    ...await agentPages(context),
    ...askPages(),
    ...await automationPages(context),
    ...await connectionPages(context),
    ...await dataPages(context),
    ...explorePages(),
    ...await jobPages(context),
    { path: "/insights", ready: h1("Insights") },
    { path: "/proposals", ready: async (page) => {
      await h1("Proposals")(page);
      await page.getByRole("button", { name: "Approve" }).first().waitFor();
    }, picture: "proposals" },
    ...["account", "people", "accounts", "audit", "deployment"].map((section) => ({
      path: `/settings?section=${section}`, ready: h1("Settings"), picture: section === "people" ? "settings" : undefined,
    })),
    { path: "/nowhere", ready: (page) => page.getByText("There is nothing at this address").waitFor() },
  ];
}

const from = "FROM lake.main.flights WHERE origin = $origin";
const departures = {
  name: "Departures",
  description: "How New York’s airports kept to their schedules in 2013.",
  variables: [{ name: "origin", label: "Airport", type: "text", defaultValue: "JFK", options: ["JFK", "LGA", "EWR"] }],
  tiles: [
    tile("flights", 0, 0, 3, 2, "Flights", "NUMBER", `SELECT count(*) AS flights ${from}`, { y: ["flights"] }),
    tile("delay", 3, 0, 3, 2, "Average delay, minutes", "NUMBER", `SELECT round(avg(dep_delay), 1) AS delay ${from}`, { y: ["delay"] }),
    { id: "about", kind: "TEXT", title: "", text: "### Reading this page\n\nDelays are **minutes at departure**; negative means early. The rows are those of `lake.main.flights`.", x: 6, y: 0, width: 6, height: 2 },
    tile("days", 0, 2, 8, 4, "Flights per day", "AREA", `SELECT make_date(year::int, month::int, day::int) AS day, count(*) AS flights ${from} GROUP BY 1 ORDER BY 1`, { x: "day", y: ["flights"] }),
    tile("carriers", 8, 2, 4, 4, "Carriers", "BAR", `SELECT carrier, count(*) AS flights ${from} GROUP BY 1 ORDER BY 2 DESC LIMIT 8`, { x: "carrier", y: ["flights"] }),
    tile("hours", 0, 6, 6, 4, "Delay by hour and month", "HEATMAP", `SELECT hour, month, round(avg(dep_delay), 1) AS delay ${from} AND hour >= 5 GROUP BY 1, 2 ORDER BY 1, 2`, { x: "hour", y: ["delay"], series: "month" }),
    tile("routes", 6, 6, 6, 4, "Longest routes", "TABLE", `SELECT dest, any_value(distance) AS miles, count(*) AS flights, round(avg(air_time)) AS minutes ${from} GROUP BY 1 ORDER BY 2 DESC LIMIT 30`, {}),
  ],
};

const name = process.argv[2];
if (!journeys[name]) {
  console.error(`journeys: ${Object.keys(journeys).join(" ")}`);
  process.exit(2);
}
await journeys[name]();
