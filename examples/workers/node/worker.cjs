// Counts words, in Node.
const faktory = require('faktory-worker')

faktory.register('count_words', async ({ text }) => {
  const client = await faktory.connect()
  const counted = client.job('counted', { language: 'node', words: text.split(/\s+/).filter(Boolean).length })
  counted.queue = 'counted'
  await counted.push()
  await client.close()
})

faktory.work({ queues: ['examples'], concurrency: 1 }).catch((error) => {
  console.error(error)
  process.exit(1)
})
