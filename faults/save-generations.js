/** Saves generations of declarations one after the other until it is killed, and says so after each: FOLDER FIRST SOURCES */
import { readFileSync } from 'node:fs';
import { saveGeneration } from '../dist/files/generations.js';

const [folder, first, sources] = process.argv.slice(2);
const files = JSON.parse(readFileSync(sources, 'utf8'));
for (let number = Number(first); ; number++) {
  await saveGeneration(folder, {
    number,
    text: JSON.stringify([...files, { path: 'number', text: String(number) }]),
  });
  process.stdout.write(`${number}\n`);
}
