// graphql-http's audits of a server: node audit.mjs URL. Prints the failures as JSON.
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2], fetchFn: fetch });
const failures = [];
for (const result of results) {
  if (result.status === 'ok') continue;
  failures.push({ id: result.id, name: result.name, status: result.status, reason: result.reason });
}
console.log(JSON.stringify({ total: results.length, failures }));
