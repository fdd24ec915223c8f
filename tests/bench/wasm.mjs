// Times the decoder's wasm over buffers: node wasm.mjs MODULE NAME PROTOCOL FILE … → NAME, nanoseconds, values.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ROUNDS = 301;
const [module, ...rest] = process.argv.slice(2);
const { values } = createRequire(import.meta.url)(module);
const buffers = [];
for (let at = 0; at + 2 < rest.length; at += 3) {
  const [name, protocol, file] = rest.slice(at, at + 3);
  buffers.push({ name, protocol, octets: new Uint8Array(readFileSync(file)) });
}

function measure({ name, protocol, octets }) {
  const rounds = [];
  let found = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = process.hrtime.bigint();
    found = values(protocol, octets);
    rounds.push(Number(process.hrtime.bigint() - begun));
  }
  rounds.sort((a, b) => a - b);
  return [name, rounds[ROUNDS >> 1], found].join('\t');
}

// The first run lets the engine optimise the code. A page reads for hours, so only the optimised code is measured.
buffers.forEach(measure);
console.log(buffers.map(measure).join('\n'));
