// The catalogue has what the sources say, no more and no less; else this says so, and leaves it as it was.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("src/locales/en.po", import.meta.url);
const messages = (text) => text.replace(/^"POT-Creation-Date.*$/m, "");
const kept = readFileSync(file, "utf8");
execFileSync("npm", ["run", "--silent", "words"], { stdio: "inherit", cwd: new URL(".", import.meta.url) });
const now = readFileSync(file, "utf8");
writeFileSync(file, kept);
if (messages(kept) !== messages(now)) {
  console.error("src/locales/en.po is not what the sources say: npm run words");
  process.exit(1);
}
