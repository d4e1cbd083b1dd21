// Clients as people use them, against a test server: node protocols.mjs HTTP_URL. Exits with 1 and
// says what was not as expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from 'graphql';
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const url = process.argv[2];
const wsUrl = url.replace('http', 'ws');

function collect(client, payload) {
  return new Promise((resolve, reject) => {
    const results = [];
    client.subscribe(payload, { next: (r) => results.push(r), error: reject, complete: () => resolve(results) });
  });
}

async function closeOf(socket) {
  return new Promise((resolve) => socket.on('close', (code, reason) => resolve([code, String(reason)])));
}
async function open(protocol = 'graphql-transport-ws') {
  const socket = new WebSocket(wsUrl, protocol);
  socket.messages = [];
  socket.waiting = [];
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    const waiter = socket.waiting.shift();
    if (waiter) waiter(message);
    else socket.messages.push(message);
  });
  socket.receive = () =>
    socket.messages.length ? Promise.resolve(socket.messages.shift()) : new Promise((r) => socket.waiting.push(r));
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  socket.say = (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return socket;
}
async function acknowledged(payload) {
  const socket = await open();
  socket.say({ type: 'connection_init', payload });
  assert.deepEqual(await socket.receive(), { type: 'connection_ack' });
  return socket;
}

const tests = {
  async 'introspection gives the schema that the SDL says'() {
    const query = getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true });
    const answer = await (await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) })).json();
    assert.equal(answer.errors, undefined);
    const told = printSchema(lexicographicSortSchema(buildClientSchema(answer.data)));
    const sdl = readFileSync(new URL('../../src/graphql/tests/library/library.graphql', import.meta.url), 'utf8');
    assert.equal(told, printSchema(lexicographicSortSchema(buildSchema(sdl))));
  },
  async 'graphql-ws runs queries and subscriptions'() {
    const client = createWs({ url: wsUrl, webSocketImpl: WebSocket, connectionParams: { authorization: 'Bearer librarian' } });
    assert.deepEqual(await collect(client, { query: '{ hello }' }), [{ data: { hello: 'world' } }]);
    assert.deepEqual(await collect(client, { query: 'subscription { count(to: 3) }' }),
      [{ data: { count: 1 } }, { data: { count: 2 } }, { data: { count: 3 } }]);
    assert.deepEqual(await collect(client, { query: 'query ($id: ID!) { book(id: $id) { price } }', variables: { id: 'b1' } }),
      [{ data: { book: { price: 9.5 } } }]);
    await assert.rejects(collect(client, { query: '{ nope }' }), (errors) => errors[0].message.startsWith('Cannot query field "nope"'));
    const refused = await collect(client, { query: 'subscription { refused }' }).catch((e) => e);
    assert.equal((refused[0].errors ?? refused)[0].message, 'not today');
    const many = await Promise.all(Array.from({ length: 50 }, () => collect(client, { query: 'subscription { count(to: 20) }' })));
    assert.ok(many.every((r) => r.length === 20));
    await client.dispose();
  },
  async 'graphql-sse runs queries and subscriptions'() {
    const client = createSse({ url, fetchFn: fetch });
    assert.deepEqual(await collect(client, { query: '{ hello }' }), [{ data: { hello: 'world' } }]);
    assert.equal((await collect(client, { query: 'subscription { count(to: 100) }' })).length, 100);
    const invalid = await collect(client, { query: '{ nope }' });
    assert.equal(invalid.length, 1);
    assert.ok(invalid[0].errors[0].message.startsWith('Cannot query field'));
    client.dispose();
  },
  async 'urql queries, mutates and subscribes'() {
    const ws = createWs({ url: wsUrl, webSocketImpl: WebSocket });
    const client = new Client({
      url, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange, subscriptionExchange({
        forwardSubscription: (request) => ({ subscribe: (sink) => ({ unsubscribe: ws.subscribe({ ...request, query: request.query ?? '' }, sink) }) }),
      })],
    });
    const result = await client.query('query ($n: Int) { books(first: $n) { edges { node { id author { name } } } } }', { n: 2 }).toPromise();
    assert.equal(result.error, undefined);
    assert.equal(result.data.books.edges.length, 2);
    const wrong = await client.query('{ broken hello }', {}).toPromise();
    assert.equal(wrong.error.graphQLErrors[0].message, 'it is broken');
    assert.equal(wrong.data.hello, 'world');
    const log = await client.mutation('mutation { append(text: "urql") }', {}).toPromise();
    assert.ok(log.data.append.includes('urql'));
    const counted = [];
    await new Promise((resolve) => {
      const subscription = client.subscription('subscription { count(to: 2) }', {}).subscribe((r) => {
        if (r.data) counted.push(r.data.count);
        if (counted.length === 2) resolve();
      });
      void subscription;
    });
    assert.deepEqual(counted, [1, 2]);
    await ws.dispose();
  },
  async 'a WebSocket without the subprotocol is closed'() {
    const socket = await open([]);
    assert.equal((await closeOf(socket))[0], 4406);
  },
  async 'no connection_init in time'() {
    const socket = await open();
    assert.deepEqual(await closeOf(socket), [4408, 'Connection initialisation timeout']);
  },
  async 'two connection_inits'() {
    const socket = await acknowledged();
    socket.say({ type: 'connection_init' });
    assert.equal((await closeOf(socket))[0], 4429);
  },
  async 'subscribe before the acknowledgement'() {
    const socket = await open();
    socket.say({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    assert.deepEqual(await closeOf(socket), [4401, 'Unauthorized']);
  },
  async 'a key that is refused'() {
    const socket = await open();
    socket.say({ type: 'connection_init', payload: { authorization: 'Bearer wrong' } });
    assert.equal((await closeOf(socket))[0], 4403);
  },
  async 'messages that are none'() {
    for (const message of ['not json', '{}', '{"type":"what"}', '[]', '{"type":1}']) {
      const socket = await acknowledged();
      socket.say(message);
      assert.equal((await closeOf(socket))[0], 4400, message);
    }
    for (const message of [{ type: 'subscribe', id: '', payload: { query: '{ hello }' } }, { type: 'subscribe', payload: { query: '{ hello }' } },
      { type: 'subscribe', id: '1', payload: {} }, { type: 'complete' }]) {
      const socket = await acknowledged();
      socket.say(message);
      assert.equal((await closeOf(socket))[0], 4400, JSON.stringify(message));
    }
  },
  async 'an id in use'() {
    const socket = await acknowledged();
    socket.say({ id: '1', type: 'subscribe', payload: { query: 'subscription { bookAdded { id } }' } });
    socket.say({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    assert.deepEqual(await closeOf(socket), [4409, 'Subscriber for 1 already exists']);
  },
  async 'ping, complete, and ids that come again'() {
    const socket = await acknowledged();
    socket.say({ type: 'ping', payload: { n: 1 } });
    assert.deepEqual(await socket.receive(), { type: 'pong', payload: { n: 1 } });
    socket.say({ type: 'pong' });
    socket.say({ id: 'a', type: 'subscribe', payload: { query: 'subscription { bookAdded { id } }' } });
    socket.say({ id: 'a', type: 'complete' });
    socket.say({ id: 'a', type: 'subscribe', payload: { query: '{ hello }' } });
    assert.deepEqual(await socket.receive(), { id: 'a', type: 'next', payload: { data: { hello: 'world' } } });
    assert.deepEqual(await socket.receive(), { id: 'a', type: 'complete' });
    socket.say({ id: 'b', type: 'subscribe', payload: { query: '{ nope }' } });
    const error = await socket.receive();
    assert.equal(error.type, 'error');
    assert.equal(error.payload[0].locations[0].column, 3);
    socket.close();
  },
  async 'operations on one connection are limited'() {
    const socket = await acknowledged();
    for (let i = 0; i < 101; i++) socket.say({ id: `s${i}`, type: 'subscribe', payload: { query: 'subscription { bookAdded { id } }' } });
    const last = await socket.receive();
    assert.deepEqual([last.id, last.type, last.payload[0].extensions.code], ['s100', 'error', 'OVERLOADED']);
    socket.close();
  },
  async 'a message that is too large'() {
    const socket = await acknowledged();
    socket.say({ id: '1', type: 'subscribe', payload: { query: `{ hello } #${'x'.repeat(300 * 1024)}` } });
    assert.equal((await closeOf(socket))[0], 1009);
  },
  async 'a foreign origin'() {
    const socket = new WebSocket(wsUrl, 'graphql-transport-ws', { origin: 'https://evil.example' });
    const status = await new Promise((resolve) => socket.on('unexpected-response', (_, response) => resolve(response.statusCode)));
    assert.equal(status, 403);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  let timer;
  try {
    await Promise.race([test(), new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('timed out')), 15000); })]);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}: ${error.stack ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}
process.exit(failed ? 1 : 0);
