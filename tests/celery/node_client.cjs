// Sends tasks as docs/celery.md shows it, and prints one line of JSON for each: its result or its error.
//   node node_client.cjs BROKER BACKEND '[["gpen.restore", ["album:a.jpg"], {"strength": 80}], ...]'
const celery = require('celery-node');

const [broker, backend, tasks] = process.argv.slice(2);
const client = celery.createClient(broker, backend, 'gpen');

async function main() {
  for (const [name, positional, named] of JSON.parse(tasks)) {
    const sent = client.createTask(name).applyAsync(positional, named);
    try {
      const result = await sent.get(120_000);
      console.log(JSON.stringify({ id: sent.taskId, state: await sent.status(), result }));
    } catch (error) {
      console.log(JSON.stringify({ id: sent.taskId, state: await sent.status(), error: String(error) }));
    }
  }
  await client.disconnect();
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
