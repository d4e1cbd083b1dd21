// A browser before a running Firn, for journeys.mjs.
import { strict as assert } from "node:assert";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

export const url = process.env.FIRN_URL;
export const owner = { name: "Ada Berg", email: "ada@example.com", password: "correct horse battery" };

/** What the app can live with; whatever the server says, journeys run under this. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

export const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

export const launch = () => chromium.launch({
  executablePath: process.env.FIRN_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    // A page that the test itself answers counts as one from elsewhere, which may not ask this machine.
    "--disable-features=LocalNetworkAccessChecks"],
});

/** Runs a journey in a browser of its own; console errors and broken rules of the page's policy fail it. */
export async function inBrowser(journey, { size = "wide", scheme = "light", expectErrors = false } = {}) {
  const browser = await launch();
  const problems = [];
  try {
    const context = await browser.newContext({ baseURL: url, viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
    context.setDefaultTimeout(15_000);
    await context.route(url + "/**", async (route) => {
      if (route.request().resourceType() !== "document") return route.fallback();
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
    });
    const page = await context.newPage();
    // Where text is typed over a selection, the browser itself would style the editor's line, and may
    // not: that costs nothing. Every other violation is the app's.
    await page.exposeFunction("reportViolation", (text) => problems.push(`policy: ${text}`));
    await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => {
      const target = event.composedPath()[0];
      if (target.classList?.contains("cm-line")) return;
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${target.outerHTML?.slice(0, 200)}`);
    }));
    page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of (4|5)\d\d|Content Security Policy/.test(message.text())) problems.push(`console: ${message.text()}`);
    });
    try {
      await journey(page, context, browser);
    } catch (error) {
      const failed = `${process.env.FIRN_WEB_FAILED ?? "/tmp"}/firn-web-failed.png`;
      await page.screenshot({ path: failed }).catch(() => undefined);
      throw new Error(`${error.stack}\n\nat ${page.url()}; ${failed} shows the page\n${problems.join("\n")}`);
    }
    if (!expectErrors) assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
}

export async function graphql(context, query, variables = {}) {
  const cookies = await context.cookies();
  const csrf = cookies.find((cookie) => cookie.name === "firn_csrf")?.value;
  const response = await context.request.post("/graphql", { data: { query, variables }, headers: csrf ? { "X-Firn-CSRF": csrf } : {} });
  return response.json();
}

/** Signed in as the owner, who is made first where there is none. */
export async function enter(context) {
  const made = await graphql(context, "mutation ($input: SetUpInput!) { setUp(input: $input) { id } }", { input: { organizationName: "Northern Lights", ...owner } });
  if (made.data?.setUp) return;
  const { email, password } = owner;
  const entered = await graphql(context, "mutation ($input: SignInInput!) { signIn(input: $input) { id } }", { input: { email, password } });
  assert.ok(entered.data?.signIn, JSON.stringify(entered));
}

/** Presses Tab until the focus is on what has this role and name, on a page or inside a part of it. */
export async function tabTo(place, role, name, most = 60) {
  const target = place.getByRole(role, { name }).first();
  await target.waitFor();
  const { keyboard } = place.page?.() ?? place;
  for (let i = 0; i < most; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${role} ${name}`);
}

export const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor();

/** Goes to a page by its keys: g, then this. */
export async function jump(page, key, name) {
  await page.keyboard.press("g");
  await page.keyboard.press(key);
  await heading(page, name);
}

/** Tabs to what has this role and name, and presses it. */
export async function press(place, role, name, most) {
  await tabTo(place, role, name, most);
  await (place.page?.() ?? place).keyboard.press("Enter");
}

/** Nothing serious against the guidelines, and nothing that sticks out sideways. */
export async function expectAccessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const serious = violations.filter((each) => each.impact === "serious" || each.impact === "critical");
  assert.deepEqual(serious.map((each) => `${what}: ${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`), []);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${what}: ${over} pixels stick out sideways`);
}

export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector(".shimmer"), undefined, { timeout: 20_000 });
  await page.waitForTimeout(150);
}

/** A key of an account that may send rows. */
export async function ingestKey(context) {
  const account = await graphql(context, "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }", { input: { name: `sender ${Date.now()}`, role: "INGEST" } });
  const key = await graphql(context, "mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret } }", { input: { serviceAccountId: account.data.createServiceAccount.id } });
  return key.data.createKey.secret;
}

/** Sends rows, and waits until they are committed. */
export async function append(secret, table, rows) {
  const sent = await fetch(`${url}/append?catalog=lake&schema=main&table=${table}&sync=true`, { method: "POST", headers: { "X-API-Key": secret, "Content-Type": "application/json" }, body: JSON.stringify(rows) });
  assert.equal(sent.status, 200, await sent.text());
}

/** A tile of a dashboard that draws a statement. */
export const tile = (id, x, y, width, height, title, kind, statement, fields) => ({ id, kind: "CHART", title, statement, spec: { kind, y: [], ...fields }, x, y, width, height });
