// Rows in Dexie: the time is the key, and there is no other index, which is the fastest layout.
import { Dexie } from './dexie.js';

export class Contender {
  static async open() {
    const contender = new Contender();
    contender.database = new Dexie('bench');
    contender.database.version(1).stores({ readings: 'time' });
    await contender.database.open();
    contender.readings = contender.database.table('readings');
    return contender;
  }

  // Objects with eleven numbers, without the texts and counters that the meter also sends.
  take(heard) {
    const numbers = heard.rows();
    heard.free();
    const rows = [];
    for (let at = 0; at < numbers.length; at += 1 + QUANTITIES.length) {
      const row = { time: numbers[at] };
      QUANTITIES.forEach((quantity, place) => (row[quantity] = numbers[at + 1 + place]));
      rows.push(row);
    }
    return rows;
  }

  write(rows) {
    return this.readings.bulkAdd(rows);
  }

  append([row]) {
    return this.readings.add(row);
  }

  async picture(from, to, columns) {
    const drawn = new Float64Array(2 * columns).fill(NaN);
    for await (const rows of this.pages(from, to)) {
      for (const { time, import_power, export_power } of rows) {
        const watts = import_power - export_power;
        const column = 2 * Math.min(Math.floor(((time - from) * columns) / (to - from)), columns - 1);
        if (!(drawn[column] <= watts)) drawn[column] = watts;
        if (!(drawn[column + 1] >= watts)) drawn[column + 1] = watts;
      }
    }
    return drawn;
  }

  async table(handle) {
    const file = await handle.createWritable();
    await file.write(`${['time', ...QUANTITIES].join(',')}\r\n`);
    for await (const rows of this.pages(-Infinity, Infinity)) {
      const lines = rows.map((row) => {
        const cells = QUANTITIES.map((quantity) => row[quantity]);
        return `${new Date(row.time).toISOString()},${cells.join(',')}\r\n`;
      });
      await file.write(lines.join(''));
    }
    await file.close();
  }

  // All rows at once would be gigabytes for a year.
  async *pages(from, to) {
    for (let lower = from, behind = false; ; behind = true) {
      const range = this.readings.where('time').between(lower, to, !behind, true);
      const rows = await range.limit(ROWS_A_PAGE).toArray();
      yield rows;
      if (rows.length < ROWS_A_PAGE) return;
      lower = rows.at(-1).time;
    }
  }
}

// The quantities of a row, in the order in which the simulated Kamstrup sends them.
const QUANTITIES = [
  'import_power',
  'export_power',
  'reactive_import',
  'reactive_export',
  'current_1',
  'current_2',
  'current_3',
  'voltage_1',
  'voltage_2',
  'voltage_3',
];
const ROWS_A_PAGE = 50_000;
