/** npm run bench: everything side by side in one run. `node bench/run.js assignment route` picks parts. */
import { cpus, totalmem } from 'node:os';

const PARTS = [
  'assignment',
  'route',
  'workers',
  'events',
  'analysis-serving',
  'scoring',
  'pipeline',
  'diversity',
  'ials',
  'ease',
  'precompute',
  'analysis',
];
const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}: the parts are ${PARTS.join(', ')}`);
  process.exit(2);
}

console.log(
  `# Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} x ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
);
for (const part of asked.length > 0 ? asked : PARTS) {
  const { run } = await import(`./${part}.js`);
  await run();
}
process.exit(0);
