// One side of the comparison in its worker: runs one task after the other and reports how many milliseconds each took.
import init, { House } from './metertap_log_bench.js';

const who = new URL(location).searchParams.get('who');
// Not awaited here: messages that arrive before the handler is installed would be lost.
const opened = Promise.all([init(), import(`./${who}.js`)]);
let contender, house, memory;

const tasks = {
  // Writes a number of days of readings, two days at a time. Receiving them is not measured.
  async write(days) {
    house ??= new House();
    const sum = { readings: 0, values: 0, milliseconds: 0 };
    for (let day = 0; day < days; day += 2) {
      const heard = house.hear(Math.min(2, days - day) * READINGS_A_DAY);
      sum.readings += heard.length;
      sum.values += heard.values;
      const taken = contender.take(heard);
      sum.milliseconds += await timed(() => contender.write(taken));
    }
    return sum;
  },

  // Appends readings one by one, each after the one before it was stored.
  async append(readings) {
    const each = [];
    for (let reading = 0; reading < readings; reading += 1) {
      const taken = contender.take(house.hear(1));
      each.push(await timed(() => contender.append(taken)));
    }
    return { each, bare: await bare(readings) };
  },

  async picture(from, to) {
    let columns;
    const milliseconds = await timed(async () => {
      columns = await contender.picture(from, to, COLUMNS);
    });
    return { milliseconds, columns: Array.from(columns, (watts) => (Number.isNaN(watts) ? null : watts)) };
  },

  // Writes everything as a table into a file of the page's own file system.
  async table() {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('table.csv', { create: true });
    const milliseconds = await timed(() => contender.table(handle));
    const octets = (await handle.getFile()).size;
    await folder.removeEntry('table.csv');
    return { milliseconds, octets };
  },
};

// Puts rows of eight bytes directly into IndexedDB: the shortest time that an append can take in this browser.
async function bare(readings) {
  const database = await new Promise((done, failed) => {
    const opening = indexedDB.open('bare', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('rows');
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  const put = (number) =>
    new Promise((done, failed) => {
      const transaction = database.transaction('rows', 'readwrite', { durability: 'relaxed' });
      transaction.oncomplete = done;
      transaction.onabort = () => failed(transaction.error);
      transaction.objectStore('rows').add(new Uint8Array(8), number);
      transaction.commit();
    });
  const each = [];
  for (let reading = 0; reading < readings; reading += 1) each.push(await timed(() => put(reading)));
  database.close();
  return each;
}

async function timed(what) {
  const begun = performance.now();
  await what();
  return performance.now() - begun;
}

self.onmessage = async ({ data: { id, task, words } }) => {
  try {
    if (!contender) {
      const [wasm, { Contender }] = await opened;
      [contender, memory] = [await Contender.open(), wasm.memory];
    }
    const answer = await tasks[task](...words);
    // Wasm memory never shrinks, so its size now is its maximum.
    self.postMessage({ id, answer: { ...answer, wasm: memory.buffer.byteLength } });
  } catch (error) {
    self.postMessage({ id, error: String(error?.stack ?? error) });
  }
};

const READINGS_A_DAY = 8640;
const COLUMNS = 1200;
