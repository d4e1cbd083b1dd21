// The official SDK's client before a running Firn: node sdk.mjs key|oauth. FIRN_URL, and FIRN_KEY or a
// person's FIRN_EMAIL and FIRN_PASSWORD, say where and as whom.
import { strict as assert } from "node:assert";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const clients = createRequire(new URL("../clients/package.json", import.meta.url));
const web = createRequire(new URL("../../web/package.json", import.meta.url));
const { Client } = await import(clients.resolve("@modelcontextprotocol/sdk/client/index.js"));
const { StreamableHTTPClientTransport } = await import(clients.resolve("@modelcontextprotocol/sdk/client/streamableHttp.js"));
const { StdioClientTransport } = await import(clients.resolve("@modelcontextprotocol/sdk/client/stdio.js"));
const { UnauthorizedError } = await import(clients.resolve("@modelcontextprotocol/sdk/client/auth.js"));

const base = process.env.FIRN_URL;
const endpoint = new URL(base + "/mcp");
const newClient = () => new Client({ name: "firn-tests", version: "1.0.0" });

/** Lists, searches, calls, reads, prompts: what every client does. */
async function use(client) {
  const { tools } = await client.listTools();
  assert.ok(tools.length >= 10 && tools.length <= 15);
  const found = await client.callTool({ name: "search_schema", arguments: { query: "tables" } });
  assert.ok(found.structuredContent.hits.length > 0);
  const answer = await client.callTool({ name: "runSql", arguments: { statement: "SELECT 40 + 2 AS n" } });
  assert.deepEqual(answer.structuredContent.runSql.rows, [[42]]);
  const wrong = await client.callTool({ name: "runSql", arguments: { statement: "SELEC 1" } });
  assert.equal(wrong.isError, true);
  assert.ok((await client.listResourceTemplates()).resourceTemplates.length >= 4);
  assert.ok((await client.listPrompts()).prompts.some(({ name }) => name === "explore_table"));
  const prompt = await client.getPrompt({ name: "explore_table", arguments: { table: "lake.main.t" } });
  assert.match(prompt.messages[0].content.text, /lake\.main\.t/);
}

async function byKey() {
  const client = newClient();
  const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: { Authorization: `Bearer ${process.env.FIRN_KEY}` } } });
  await client.connect(transport);
  assert.equal(client.getServerVersion().name, "firn");
  await client.ping();
  await use(client);
  await transport.terminateSession();
  await client.close();
}

/** A desktop client, which starts `firn mcp`. */
async function byStdio() {
  const firn = fileURLToPath(new URL("../../build/release/bin/firn", import.meta.url));
  const client = newClient();
  await client.connect(new StdioClientTransport({ command: firn, args: ["mcp", "--url", base], env: { FIRN_KEY: process.env.FIRN_KEY } }));
  await use(client);
  await client.close();
}

/** A person's browser: signs in, looks at what the program asks for, and lets it in or not. */
async function decide(url, { choose, approve }) {
  const { chromium } = web("playwright-core");
  const browser = await chromium.launch({
    executablePath: process.env.FIRN_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    // Nobody listens at the program's address: the browser's way there is what counts.
    let back;
    await page.route("http://127.0.0.1:9/**", (route) => { back = new URL(route.request().url()); return route.fulfill({ body: "done" }); });
    await page.goto(url.href);
    await page.getByLabel("E-mail").fill(process.env.FIRN_EMAIL);
    await page.getByLabel("Password").fill(process.env.FIRN_PASSWORD);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Let “Firn tests” in?" }).waitFor();
    if (process.env.FIRN_PICTURE) await page.screenshot({ path: process.env.FIRN_PICTURE });
    if (choose) await page.getByRole("radio", { name: choose }).check();
    await page.getByRole("button", { name: approve ? "Let it in" : "Refuse" }).click();
    await page.waitForURL("http://127.0.0.1:9/**");
    return back;
  } finally {
    await browser.close();
  }
}

/** What an OAuth client keeps, and its person's word. */
class Provider {
  constructor(scope, word) { this.scope = scope; this.word = word; }
  get redirectUrl() { return "http://127.0.0.1:9/callback"; }
  get clientMetadata() {
    return { client_name: "Firn tests", redirect_uris: [this.redirectUrl], grant_types: ["authorization_code", "refresh_token"], response_types: ["code"], token_endpoint_auth_method: "none", scope: this.scope };
  }
  state() { return "a-state"; }
  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  async redirectToAuthorization(url) { this.back = await decide(url, this.word); }
}

async function authorized(provider) {
  const transport = new StreamableHTTPClientTransport(endpoint, { authProvider: provider });
  await assert.rejects(newClient().connect(transport), UnauthorizedError);
  const { searchParams } = provider.back;
  assert.equal(searchParams.get("state"), "a-state");
  assert.equal(searchParams.get("iss"), base);
  if (searchParams.get("error")) return { error: searchParams.get("error") };
  await transport.finishAuth(searchParams.get("code"));
  const client = newClient();
  await client.connect(new StreamableHTTPClientTransport(endpoint, { authProvider: provider }));
  return { client, code: searchParams.get("code") };
}

async function byOauth() {
  const refused = new Provider("firn:read", { approve: false });
  assert.equal((await authorized(refused)).error, "access_denied");

  const reading = new Provider("firn:write", { approve: true, choose: /^Read Ask/ });
  const { client, code } = await authorized(reading);
  await use(client);
  assert.equal(reading.kept.scope, "firn:read");
  // The owner's token reads, and no more: the scope cuts the role down.
  const { tools } = await client.listTools();
  assert.ok(!tools.some(({ name }) => name === "createInsight"));
  await client.close();
  const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} };
  const narrow = await fetch(endpoint, { method: "POST", body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "createInsight", arguments: {}, _meta: meta } }),
    headers: { "content-type": "application/json", authorization: `Bearer ${reading.kept.access_token}`, "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "createInsight" } });
  assert.equal(narrow.status, 403);
  assert.match(narrow.headers.get("www-authenticate"), /error="insufficient_scope".*scope="firn:write"/);

  // A token is for /mcp alone.
  const elsewhere = await fetch(base + "/graphql", { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${reading.kept.access_token}` }, body: '{"query":"{ viewer { id } }"}' });
  assert.equal(elsewhere.status, 401);
  const token = (fields) => fetch(base + "/oauth/token", { method: "POST", body: new URLSearchParams({ client_id: reading.client.client_id, ...fields }) });
  const refresh = (value) => token({ grant_type: "refresh_token", refresh_token: value });
  const first = reading.kept.refresh_token;
  const second = await (await refresh(first)).json();
  assert.ok(second.access_token);
  // An old refresh token that comes back ends everything that came of the code.
  assert.equal((await (await refresh(first)).json()).error, "invalid_grant");
  assert.equal((await (await refresh(second.refresh_token)).json()).error, "invalid_grant");
  const again = await token({ grant_type: "authorization_code", code, code_verifier: reading.verifier, redirect_uri: reading.redirectUrl });
  assert.equal((await again.json()).error, "invalid_grant");

  const writing = new Provider("firn:write", { approve: true, choose: /^Read and change/ });
  const writer = (await authorized(writing)).client;
  const made = await writer.callTool({ name: "createInsight", arguments: { input: { title: "By a program", narrative: "n" } } });
  assert.ok(made.structuredContent.createInsight.id);
  await writer.close();
}

await { key: byKey, stdio: byStdio, oauth: byOauth }[process.argv[2]]();
