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

/** A context of one person; whatever goes wrong on its pages is added to `problems`. */
async function person(browser, problems, { size, scheme }) {
  const context = await browser.newContext({ baseURL: url, viewport: sizes[size], colorScheme: scheme, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(15_000);
  await context.route(url + "/**", async (route) => {
    if (route.request().resourceType() !== "document") return route.fallback();
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  // Where text is typed over a selection, the browser itself would style the editor's line, and may
  // not: that costs nothing. Every other violation is the app's.
  await context.exposeFunction("reportViolation", (text) => problems.push(`policy: ${text}`));
  await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => {
    const target = event.composedPath()[0];
    if (target.classList?.contains("cm-line")) return;
    window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${target.outerHTML?.slice(0, 200)}`);
  }));
  context.on("weberror", (event) => problems.push(`page error: ${event.error().message}`));
  context.on("console", (message) => {
    // The status of a request is told once, with its name, by what watches requests.
    if (message.type() === "error" && !/^Failed to load resource|Content Security Policy/.test(message.text())) problems.push(`console: ${message.text()}`);
  });
  watchRequests(context, problems);
  return context;
}

const operation = (request) => /"operationName":"(\w+)"/.exec(request.postData() ?? "")?.[1] ?? `${request.method()} ${new URL(request.url()).pathname}`;

/** Answers with a status from 400 on, GraphQL answers with errors, and requests that got none. */
function watchRequests(context, problems) {
  context.on("response", async (response) => {
    const name = operation(response.request());
    if (!/\/graphql$/.test(response.url())) {
      if (response.status() >= 400) problems.push(`request: ${name}: ${response.status()}`);
      return;
    }
    // The body is gone where the page went on meanwhile; then its status has to do.
    const { errors } = (await response.json().catch(() => undefined)) ?? {};
    for (const error of errors ?? []) problems.push(`request: ${name}: ${error.extensions?.code} ${error.message}`);
    if (!errors && response.status() >= 400) problems.push(`request: ${name}: ${response.status()}`);
  });
  context.on("requestfailed", (request) => {
    // A page that is left, or a part of it that is taken away, calls back what it no longer needs.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") problems.push(`request: ${operation(request)}: ${reason}`);
  });
}

/**
 * Runs a journey in a browser of its own. Console errors, failed requests and broken rules of the
 * page's policy fail it, on every page of everybody who takes part; `expected` are patterns of those
 * that belong to it, each of which has to occur. `anotherPerson()` gives a context for somebody else.
 */
export async function inBrowser(journey, { size = "wide", scheme = "light", expected = [] } = {}) {
  const browser = await launch();
  const problems = [];
  try {
    const anotherPerson = () => person(browser, problems, { size, scheme });
    const context = await anotherPerson();
    const page = await context.newPage();
    try {
      await journey(page, context, anotherPerson);
    } catch (error) {
      const failed = `${process.env.FIRN_WEB_FAILED ?? "/tmp"}/firn-web-failed.png`;
      await page.screenshot({ path: failed }).catch(() => undefined);
      throw new Error(`${error.stack}\n\nat ${page.url()}; ${failed} shows the page\n${problems.join("\n")}`);
    }
    assert.deepEqual(problems.filter((problem) => !expected.some((pattern) => pattern.test(problem))), []);
    assert.deepEqual(expected.filter((pattern) => !problems.some((problem) => pattern.test(problem))), [], "expected, but it did not occur");
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

/** The secret of a new service account. */
export async function newKey(context, role = "INGEST") {
  const account = await graphql(context, "mutation ($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) { id } }", { input: { name: `sender ${Date.now()}`, role } });
  const key = await graphql(context, "mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret } }", { input: { serviceAccountId: account.data.createServiceAccount.id } });
  return key.data.createKey.secret;
}

/** Rows into lake.main.table, in a snapshot when this returns. */
export async function append(key, table, rows) {
  const sent = await fetch(`${url}/append?catalog=lake&schema=main&table=${table}&sync=true`, { method: "POST", headers: { "X-API-Key": key, "Content-Type": "application/json" }, body: JSON.stringify(rows) });
  assert.equal(sent.status, 200, await sent.text());
}

/** A tile of a dashboard that draws a statement. */
export const tile = (id, x, y, width, height, title, kind, statement, fields) => ({ id, kind: "CHART", title, statement, spec: { kind, y: [], ...fields }, x, y, width, height });

/** The request of a curl command that the page shows, sent with this key. */
export async function send(code, key) {
  const address = /curl '([^']+)'/.exec(code)[1];
  const headers = Object.fromEntries([...code.matchAll(/-H ['"]([^:]+): ([^'"]+)['"]/g)].map(([, name, value]) => [name, value.replace("$FIRN_KEY", key)]));
  const body = /-d '([^]*)'$/.exec(code.trim())[1].replaceAll("'\\''", "'");
  const sent = await fetch(address, { method: "POST", headers, body });
  assert.equal(sent.status, 200, await sent.text());
}

/** Somebody who was invited and has joined, on a page of their own. */
export async function joinAsGuest(context, anotherPerson, role) {
  const email = `guest-${Date.now()}@example.com`;
  const made = await graphql(context, "mutation ($input: InvitePersonInput!) { invitePerson(input: $input) { link } }", { input: { email, role } });
  const guest = await anotherPerson();
  const other = await guest.newPage();
  await acceptInvitation(other, made.data.invitePerson.link);
  return { other, leave: () => guest.close() };
}

export async function acceptInvitation(page, link) {
  await page.goto(link);
  await heading(page, "Join your team");
  await expectAccessible(page, "invitation");
  await page.getByLabel("Your name").fill("Guest");
  await page.getByLabel("Password").fill("a guest's long password");
  await page.keyboard.press("Enter");
  await heading(page, "Overview");
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
