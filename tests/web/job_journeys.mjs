// Jobs as an operator sees them: found, put back, killed and discarded, one by one and many at once.
import { strict as assert } from "node:assert";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";
import { enter, expectAccessible, graphql, heading, inBrowser, jump, press, tabTo } from "./browser.mjs";

const push = async (context, input) => {
  const made = await graphql(context, "mutation ($input: PushJobInput!) { pushJob(input: $input) { id } }", { input });
  assert.ok(made.data, JSON.stringify(made));
  return made.data.pushJob.id;
};

/** A worker of the Faktory protocol, for one queue. */
async function workerOf(queue) {
  const [host, port] = process.env.FIRN_JOBS.split(":");
  const socket = createConnection({ host, port: Number(port) });
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const read = async () => (await lines.next()).value;
  const say = async (line) => {
    socket.write(`${line}\r\n`);
    return read();
  };
  assert.match(await read(), /^\+HI/);
  assert.equal(await say(`HELLO ${JSON.stringify({ v: 2, wid: "reports-1", hostname: "reports-1", pid: 4711, labels: ["node"] })}`), "+OK");
  return {
    async fetch() {
      assert.match(await say(`FETCH ${queue}`), /^\$\d+/);
      return JSON.parse(await read()).jid;
    },
    async fail(jid) {
      assert.equal(await say(`FAIL ${JSON.stringify({ jid, errtype: "Timeout", message: "mail.example.com gave no answer within 30 s", backtrace: ["send_report.js:41"] })}`), "+OK");
    },
    async finish(jid) {
      assert.equal(await say(`ACK ${JSON.stringify({ jid })}`), "+OK");
    },
    leave: () => socket.destroy(),
  };
}

/** What it fetches it fails, but for the last, which it keeps. */
async function unluckyWorker(queue, fails) {
  const worker = await workerOf(queue);
  for (let i = 0; i < fails; i++) await worker.fail(await worker.fetch());
  await worker.fetch();
  return worker.leave;
}

export const jobJourneys = {
  async jobs() {
    await inBrowser(async (page, context) => {
      await enter(context);
      for (let i = 0; i < 3; i++) await push(context, { type: "SendReport", queue: "reports", args: [`customer ${i}`] });
      await push(context, { type: "Later", queue: "reports", at: new Date(Date.now() + 3_600_000).toISOString() });
      await page.goto("/");
      await heading(page, "Overview");
      await jump(page, "j", "Jobs");
      const rows = page.getByRole("region", { name: "Jobs", exact: true });
      await tabTo(page, "searchbox", "Search jobs");
      await page.keyboard.type("customer 1");
      await rows.getByText("SendReport").nth(1).waitFor({ state: "detached" });
      await press(page, "button", "SendReport");
      const dialog = page.getByRole("dialog", { name: "SendReport" });
      await dialog.getByText("customer 1").waitFor();
      await press(dialog, "button", "Kill");
      await press(page.getByRole("dialog", { name: "Kill 1 job?" }), "button", "Kill");
      await page.getByText("Killed 1 job").waitFor();
      await rows.getByText("dead", { exact: true }).waitFor();

      await tabTo(page, "searchbox", "Search jobs");
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Delete");
      await tabTo(page, "combobox", "Queue");
      await page.keyboard.type("reports");
      await tabTo(page, "combobox", "State");
      await page.keyboard.type("dead");
      await page.waitForURL(/state=DEAD/);
      await rows.getByText("SendReport").waitFor();
      await press(page, "button", "Retry all dead");
      await press(page.getByRole("dialog"), "button", "Put back");
      await page.getByText(/Put back \d+ jobs?/).waitFor();
      await page.getByText("No such jobs").waitFor();

      await page.goto("/jobs?state=WAITING");
      await rows.getByText("SendReport").nth(2).waitFor();
      await tabTo(page, "checkbox", /All shown/);
      await page.keyboard.press("Space");
      await press(page, "button", "Discard");
      await press(page.getByRole("dialog", { name: /Discard \d+ jobs\?/ }), "button", "Discard");
      await page.getByText(/^Discarded \d+ jobs/).waitFor();
      await page.getByText("No such jobs").waitFor();

      await tabTo(page, "tab", "Jobs");
      await page.keyboard.press("ArrowRight");
      await press(page, "button", "Pause reports");
      await page.getByText("paused", { exact: true }).waitFor();
      await press(page, "button", "Resume reports");
      await page.getByText("paused", { exact: true }).waitFor({ state: "detached" });

      await tabTo(page, "tab", "Queues");
      await page.keyboard.press("ArrowRight");
      await press(page, "button", "New schedule");
      await page.keyboard.type("nightly");
      await tabTo(page, "textbox", "Job type");
      await page.keyboard.type("SendReport");
      await page.getByLabel("Arguments").fill("nightly");
      await page.getByText("Not JSON yet").waitFor();
      await page.getByLabel("Arguments").fill('["nightly"]');
      await press(page, "button", "Save");
      await page.getByRole("cell", { name: /every day at 06:00/ }).waitFor();
      await press(page, "button", "Remove nightly");
      await press(page.getByRole("dialog"), "button", "Remove");
      await page.getByText("No schedules").waitFor();
    });
  },

  /** A job fails, is read, put back, worked on before one's eyes, and over. */
  async retry() {
    await inBrowser(async (page, context) => {
      await enter(context);
      const queue = `bills_${Date.now()}`;
      await push(context, { type: "SendBill", queue, args: ["customer 7"] });
      const worker = await workerOf(queue);
      await worker.fail(await worker.fetch());
      await page.goto("/jobs?state=RETRYING");
      const row = page.getByRole("region", { name: "Jobs", exact: true }).getByRole("row").filter({ hasText: queue });
      await row.getByText(/mail.example.com gave no answer/).waitFor();
      await press(row, "button", "SendBill");
      const dialog = page.getByRole("dialog", { name: "SendBill" });
      await dialog.getByText("What went wrong").first().waitFor();
      await expectAccessible(page, "a job that failed");
      await press(dialog, "button", "Retry now");
      await row.waitFor({ state: "detached" });
      await page.goto("/jobs?state=WAITING");
      await press(row, "button", "SendBill");
      await dialog.getByText("waiting", { exact: true }).waitFor();
      const jid = await worker.fetch();
      await dialog.getByText("working", { exact: true }).waitFor();
      await worker.finish(jid);
      await page.getByRole("dialog").getByText("This job is over").waitFor();
      await expectAccessible(page, "a job that is over");
      worker.leave();
    });
  },
};

/** A queue with something in every state; what is tried again does not stay so for long. */
export async function jobPages(context) {
  const known = await graphql(context, '{ jobs(queue: "mail", first: 1) { edges { node { id } } } }');
  if (known.data.jobs.edges.length === 0) {
    for (let i = 0; i < 9; i++) await push(context, { type: "SendReport", queue: "mail", args: [1000 + i, "weekly"], retry: i === 0 ? -1 : 25 });
    for (let i = 0; i < 2; i++) await push(context, { type: "ResizeImage", queue: "default", args: [{ path: `uploads/${i}.jpg`, width: 640 }] });
    await push(context, { type: "CloseBooks", queue: "default", args: ["2026-11"], at: new Date(Date.now() + 86_400_000).toISOString() });
    const leave = await unluckyWorker("mail", 3);
    leave();
    const dead = await push(context, { type: "ImportFile", queue: "default", args: ["s3://partner/2026-11-22.csv"] });
    await graphql(context, "mutation ($id: ID!) { killJob(id: $id) { id } }", { id: dead });
    await graphql(context, "mutation ($input: JobScheduleInput!) { setJobSchedule(input: $input) { name } }", { input: { name: "books", cron: "0 2 1 * *", timezone: "Europe/Oslo", type: "CloseBooks", args: [] } });
    await graphql(context, "mutation ($input: JobLimitInput!) { setJobLimit(input: $input) { name } }", { input: { kind: "TYPE", name: "SendReport", concurrency: 4, rate: 100, perSeconds: 60 } });
  }
  const tab = (id, text) => ({ path: `/jobs?tab=${id}`, ready: (page) => page.getByRole("cell", { name: text }).first().waitFor() });
  return [
    { path: "/jobs", picture: "jobs", ready: (page) => page.getByRole("button", { name: "ImportFile" }).waitFor() },
    { path: "/jobs?state=DEAD", ready: async (page) => {
      await page.getByRole("button", { name: "SendReport" }).first().click();
      await page.getByRole("dialog").getByText("What went wrong").waitFor();
    } },
    tab("queues", /mail/), tab("schedules", /books/), tab("workers", /firn/), tab("limits", "SendReport"),
    { path: "/jobs?tab=batches", ready: (page) => page.getByText("No batches").waitFor() },
  ];
}
