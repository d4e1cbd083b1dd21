// npm's faktory-worker against Firn's queue: push, fetch, ack, fail, schedule, mutate, a worker that runs.
// Batches and tracking are not in its API; they go by its own connection. FAKTORY_URL says where. Prints "ok".
import assert from 'node:assert/strict'
import faktory from 'faktory-worker'

const { Client } = await import('faktory-worker/lib/client.js')
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const url = process.env.FAKTORY_URL
const client = new Client({ url, wid: 'node-worker-1', labels: ['node'] })

// Push, fetch, ack.
const jid = await client.job('resize', 1, 'two', { three: [3.5] }).push()
const job = await client.fetch('default')
assert.equal(job.jid, jid)
assert.deepEqual(job.args, [1, 'two', { three: [3.5] }])
assert.equal(await client.ack(jid), 'OK')
const rejected = await client.pushBulk([client.job('a'), { jobtype: 'b', args: [], queue: 'no such queue!', jid: 'bad-queue' }])
assert.deepEqual(Object.keys(rejected), ['bad-queue'])
assert.match(rejected['bad-queue'].reason, /queue names must match/)
await client.ack((await client.fetch('default')).jid)

// Fail: it waits in retries, from where it is put back and then thrown away.
const failing = client.job('breaks')
failing.queue = 'failing'
await failing.push()
await client.fetch('failing')
assert.equal(await client.fail(failing.jid, new Error('on purpose')), 'OK')
assert.equal((await client.info()).faktory.tasks.Retries.size, 1)
await client.retries.ofType('breaks').matching('*on purpose*').requeue()
const again = await client.fetch('failing')
assert.equal(again.failure.message, 'on purpose')
await client.fail(failing.jid, new Error('again'))
await client.retries.withJids(failing.jid).kill()
assert.equal((await client.info()).faktory.tasks.Dead.size, 1)
await client.dead.clear()
await assert.rejects(client.fail('unknown-jid', new Error('x')), /Job not found unknown-jid/)

// Schedule.
const later = client.job('later')
later.queue = 'later'
const due = Date.now() + 1500
later.at = new Date(due)
await later.push()
assert.equal((await client.info()).faktory.tasks.Scheduled.size, 1)
let came = null
while (!came) came = await client.fetch('later')
assert.equal(came.jid, later.jid)
assert.ok(Date.now() >= due)
await client.ack(later.jid)

// Track and batch.
const bid = await client.send(['BATCH', 'NEW', JSON.stringify({ description: 'two', success: { jobtype: 'done', args: [], queue: 'cb' } })])
const member = client.job('part')
member.queue = 'parts'
member.custom = { bid, track: 1 }
await member.push()
assert.equal(await client.send(['BATCH', 'COMMIT', bid]), 'OK')
await client.fetch('parts')
await client.send(['TRACK', 'SET', JSON.stringify({ jid: member.jid, percent: 50, desc: 'half' })])
const progress = JSON.parse(await client.send(['TRACK', 'GET', member.jid]))
assert.equal(progress.state, 'working')
assert.equal(progress.percent, 50)
await client.ack(member.jid)
const callback = await client.fetch('cb')
assert.equal(callback.jobtype, 'done')
await client.ack(callback.jid)
const status = JSON.parse(await client.send(['BATCH', 'STATUS', bid]))
assert.equal(status.pending, 0)
assert.equal(status.success_st, '2')

// A worker, as people run one: beats, works, reports failures, stops.
const seen = []
faktory.register('sum', async (a, b) => seen.push(a + b))
faktory.register('oops', async () => { throw new Error('handler failed') })
const worker = await faktory.work({ url, queues: ['work'], concurrency: 3 })
for (let i = 0; i < 10; ++i) {
  const one = client.job('sum', i, 1)
  one.queue = 'work'
  await one.push()
}
const bad = client.job('oops')
bad.queue = 'work'
bad.retry = -1
await bad.push()
for (let i = 0; i < 100 && !(seen.length === 10 && (await client.info()).faktory.tasks.Dead.size === 1); ++i) await sleep(50)
assert.deepEqual(seen.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
assert.equal((await client.info()).faktory.tasks.Dead.size, 1)
await worker.stop()
await client.flush()
await client.close()
console.log('ok')
process.exit(0)
