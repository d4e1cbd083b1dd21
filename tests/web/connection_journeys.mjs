// A customer's database: connected, browsed, joined with the lake, kept from some, forgotten.
import { strict as assert } from "node:assert";
import { enter, graphql, heading, inBrowser, jump, press, tabTo } from "./browser.mjs";

export const connectionJourneys = {
  async connections() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const name = `fleet_${Date.now() % 1_000_000}`;
      await page.goto("/");
      await heading(page, "Overview");
      await jump(page, "c", "Connections");
      await press(page, "button", "New connection");
      const dialog = page.getByRole("dialog", { name: "New connection" });
      await dialog.waitFor();

      // A host that would lead into the server's own network is refused, and the form says why.
      await tabTo(dialog, "textbox", "Name");
      await page.keyboard.type(name);
      await dialog.getByLabel("Host").fill("169.254.169.254");
      await dialog.getByLabel("Database").fill("any");
      await dialog.getByLabel("User").fill("any");
      await press(dialog, "button", "Test and connect");
      await dialog.getByRole("alert").getByText(/is not allowed/).waitFor();
      await dialog.getByRole("alert").getByText(/have to be allowed by whoever runs Firn/).waitFor();

      await dialog.getByRole("radio", { name: /SQLite/ }).focus();
      await page.keyboard.press("Space");
      await dialog.getByRole("textbox", { name: "File" }).fill("missing.db");
      await press(dialog, "button", "Test and connect");
      await dialog.getByRole("alert").getByText(/looked for below the folder/).waitFor();
      await dialog.getByRole("textbox", { name: "File" }).fill("fleet.db");
      await press(dialog, "button", "Test and connect");
      await heading(page, name);

      await tabTo(page, "searchbox", "Search its tables");
      await page.keyboard.type("plan");
      await page.getByRole("button", { name: "airlines" }).waitFor({ state: "detached" });
      await press(page, "button", "planes");
      await page.waitForURL(/table=/);
      await page.getByRole("cell", { name: "tailnum" }).waitFor();
      await press(page, "button", "Test");
      await page.getByText(`${name} answers`).waitFor();
      await press(page, "button", "Refresh");
      await page.getByText("Listed its tables anew").waitFor();

      // A policy on one of its columns.
      await press(page, "button", "New policy");
      const policy = page.getByRole("dialog", { name: "New policy" });
      await policy.waitFor();
      await page.keyboard.type("no seats");
      await policy.getByLabel("Keep a column from them").selectOption("seats");
      await press(policy, "button", "Save");
      await page.getByText("seats: nulled").waitFor();

      // From the table to a statement over both, and its rows.
      await press(page, "button", "Join with the lake");
      const join = page.getByRole("dialog", { name: /^Join/ });
      await join.getByLabel("With").selectOption({ label: "lake.main.flights" });
      await join.getByLabel("By").selectOption("tailnum");
      await press(join, "button", "Open in SQL");
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();
      await page.getByRole("button", { name: "Run" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText(/^100 rows in/).waitFor();

      await page.goto("/connections");
      await press(page, "link", name);
      await heading(page, name);
      await press(page, "button", "More about this connection");
      await page.keyboard.press("Enter");
      await press(page.getByRole("dialog", { name: `Forget ${name}?` }), "button", "Forget it");
      await heading(page, "Connections");
      await page.getByRole("link", { name }).waitFor({ state: "detached" });
      assert.ok(!JSON.stringify(await graphql(context, "{ connections { name } }")).includes(name));
    }, { expected: [/CreateConnection: FORBIDDEN .*is not allowed/, /CreateConnection: NOT_FOUND/] });
  },
};

/** A fleet beside the lake. */
export async function connectionPages(context) {
  const { data } = await graphql(context, "{ connections { id name } organization { environments { id } } }");
  let id = data.connections.find((each) => each.name === "fleet")?.id;
  if (!id) {
    const made = await graphql(context, "mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { id } }", {
      input: { environmentId: data.organization.environments[0].id, name: "fleet", kind: "SQLITE", path: "fleet.db", description: "Planes and airlines, from the maintenance system" },
    });
    assert.ok(made.data, JSON.stringify(made));
    id = made.data.createConnection.id;
    await graphql(context, "mutation ($input: SetConnectionPolicyInput!) { setConnectionPolicy(input: $input) { id } }", {
      input: { connectionId: id, schema: "main", table: "planes", name: "seats are ours", roles: ["VIEWER"], rowFilter: "year > 1990", columns: [{ column: "seats", rule: "NULLED" }] },
    });
  }
  return [
    { path: "/connections", ready: (page) => page.getByText("from the maintenance system").waitFor() },
    { path: "/connections", ready: async (page) => {
      await page.getByRole("button", { name: "New connection" }).click();
      await page.getByRole("dialog").waitFor();
    } },
    { path: `/connections/${id}?table=main.planes`, picture: "connection", ready: (page) => page.getByText("seats are ours").waitFor() },
    { path: "/connections/connection:00000000-0000-4000-8000-000000000000", ready: (page) => page.getByText("There is no such connection").waitFor() },
  ];
}
