// How soon pages are there, how calm they come, and how soon they answer, in Chromium before a running
// Firn with the demo's tables. FIRN_URL says where. Prints one JSON object.
import { enter, graphql, launch, settled, sizes, tile, url } from "../tests/web/browser.mjs";

const runs = 5;
const slowDown = 4;

const observe = () => {
  window.seen = { largestPaint: 0, shift: 0, interactions: [] };
  const watch = (type, act, options = {}) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true, ...options });
  watch("largest-contentful-paint", (entry) => { window.seen.largestPaint = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.seen.shift += entry.value; });
  watch("event", (entry) => { if (entry.interactionId) window.seen.interactions.push({ what: entry.name, ms: entry.duration }); }, { durationThreshold: 16 });
};

const usual = {
  name: "Bench: usual", tiles: [
    tile("n", 0, 0, 3, 2, "Flights", "NUMBER", "SELECT count(*) AS n FROM lake.main.flights", { y: ["n"] }),
    { id: "t", kind: "TEXT", title: "", text: "All of **2013**.", x: 3, y: 0, width: 9, height: 2 },
    tile("d", 0, 2, 8, 4, "Days", "AREA", "SELECT make_date(year::int, month::int, day::int) AS day, count(*) AS flights FROM lake.main.flights GROUP BY 1 ORDER BY 1", { x: "day", y: ["flights"] }),
    tile("c", 8, 2, 4, 4, "Carriers", "BAR", "SELECT carrier, count(*) AS flights FROM lake.main.flights GROUP BY 1 ORDER BY 2 DESC", { x: "carrier", y: ["flights"] }),
  ],
};
const large = {
  name: "Bench: large", tiles: [
    tile("points", 0, 0, 12, 3, "Points", "LINE", "SELECT range AS i, sin(range / 300.0) * 100 + (range * 7919 % 101) AS v FROM range(50000)", { x: "i", y: ["v"] }),
    tile("rows", 0, 3, 12, 5, "Rows", "TABLE", "SELECT range AS i, range * 3 % 1000 AS a, 'row ' || range AS b, range / 7.0 AS c, range % 2 = 0 AS even FROM range(100000)", {}),
  ],
};
const made = {};
async function dashboard(context, input) {
  made[input.name] ??= (await graphql(context, "mutation ($input: CreateDashboardInput!) { createDashboard(input: $input) { id } }", { input })).data.createDashboard.id;
  return made[input.name];
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A cold load in a context of its own, slowed down. */
async function load(browser, { path, ready, signedIn }) {
  const context = await browser.newContext({ baseURL: url, viewport: sizes.wide });
  try {
    if (signedIn) await enter(context);
    const page = await context.newPage();
    await page.addInitScript(observe);
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowDown });
    await page.goto(typeof path === "string" ? path : await path(context));
    await ready(page);
    await settled(page);
    await page.waitForTimeout(500);
    return await page.evaluate(() => ({ largestPaintMs: window.seen.largestPaint, shift: window.seen.shift }));
  } finally {
    await context.close();
  }
}

/** Scrolls and steps through the grid to its end, and back, beside the chart. */
async function interact(browser, rate) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 1000 } });
  await enter(context);
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.goto(`/dashboards/${await dashboard(context, large)}`);
  const grid = page.getByRole("grid", { name: "Rows" });
  await grid.waitFor();
  await page.locator("canvas").first().waitFor();
  await settled(page);
  await grid.focus();
  const loaded = async () => Number(await grid.evaluate((element) => Math.round((element.scrollHeight - 44) / 29)));
  while (await loaded() < 100_000) {
    await page.keyboard.press("Control+End");
    await page.waitForTimeout(30);
  }
  await page.waitForTimeout(500);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  await page.evaluate(() => { window.seen.interactions.length = 0; });
  const box = await grid.boundingBox();
  await page.mouse.move(box.x + 200, box.y + 200);
  for (const key of ["Control+Home", "PageDown", "ArrowDown", "Control+End", "PageUp", "ArrowRight", "ArrowLeft", "Control+Home"]) {
    for (let i = 0; i < 6; i++) {
      await page.mouse.wheel(0, 4000);
      await page.keyboard.press(key);
      await page.mouse.click(box.x + 200, box.y + 150 + i * 20);
    }
  }
  await page.mouse.click(box.x + 60, box.y + 15); // sorts all rows
  await page.waitForTimeout(1000);
  const all = await page.evaluate(() => window.seen.interactions);
  const rows = await loaded();
  await context.close();
  const sorted = all.toSorted((a, b) => b.ms - a.ms);
  return { rate, rows, interactions: all.length, worstMs: sorted[0]?.ms ?? 0, worst: sorted[0]?.what ?? "", middleMs: all.length ? middle(all.map((each) => each.ms)) : 0 };
}

/** How busy the machine is: the same work in an empty page, at full speed. */
async function loop(browser) {
  const page = await browser.newPage();
  const ms = await page.evaluate(() => {
    const began = performance.now();
    let sum = 0;
    for (let i = 0; i < 3e8; i++) sum = (sum + i) | 0;
    return Math.round(performance.now() - began + (sum & 0));
  });
  await page.close();
  return ms;
}

const pages = {
  "sign-in": { path: "/signin", ready: (page) => page.getByRole("heading", { level: 1 }).waitFor(), signedIn: false },
  overview: { path: "/", ready: (page) => page.getByRole("heading", { level: 1, name: "Overview" }).waitFor(), signedIn: true },
  SQL: { path: "/sql", ready: (page) => page.getByRole("textbox", { name: /^SQL/ }).waitFor(), signedIn: true },
  dashboard: { path: async (context) => `/dashboards/${await dashboard(context, usual)}`, ready: (page) => page.locator("canvas").nth(1).waitFor(), signedIn: true },
};
const browser = await launch();
try {
  const setUp = await browser.newContext({ baseURL: url });
  await enter(setUp);
  await setUp.close();
  const loads = {};
  const first = await loop(browser);
  for (const [name, page] of Object.entries(pages)) {
    const all = [];
    for (let i = 0; i < runs; i++) all.push(await load(browser, page));
    loads[name] = { largestPaintMs: Math.round(middle(all.map((each) => each.largestPaintMs))), slowestPaintMs: Math.round(Math.max(...all.map((each) => each.largestPaintMs))), shift: Math.max(...all.map((each) => each.shift)) };
  }
  const interactions = [await interact(browser, 1), await interact(browser, slowDown)];
  console.log(JSON.stringify({ loads, interactions, loopMs: { first, last: await loop(browser) } }));
} finally {
  await browser.close();
}
