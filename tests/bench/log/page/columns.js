// Our log: chunks of columns.
import { Columns } from './metertap_log_bench.js';

export class Contender {
  static async open() {
    const contender = new Contender();
    contender.log = await Columns.open('bench');
    return contender;
  }

  take(heard) {
    return heard;
  }

  write(heard) {
    return this.log.write(heard);
  }

  append(heard) {
    return this.log.append(heard);
  }

  picture(from, to, columns) {
    return this.log.picture(from, to, columns);
  }

  table(handle) {
    return this.log.table(handle);
  }
}
