// The page of a contender: starts its worker and hands tasks to it. `?who=` names it; with `&from=…&to=…` the page draws
// that picture as soon as it is opened, and tells how long after the click that was.
const asked = new URL(location).searchParams;
const worker = new Worker(`worker.js${location.search}`, { type: 'module' });
const waiting = new Map();
let last = 0;
let answered;

worker.onmessage = ({ data: { id, answer, error } }) => {
  const { done, failed } = waiting.get(id);
  waiting.delete(id);
  if (error === undefined) done(answer);
  else failed(new Error(error));
};

// The script that drives the browser asks, and looks here for the answer.
globalThis.ask = (task, ...words) =>
  new Promise((done, failed) => {
    waiting.set((last += 1), { done, failed });
    worker.postMessage({ id: last, task, words });
  });

globalThis.begin = (task, ...words) => {
  answered = globalThis.ask(task, ...words).then(
    (answer) => ({ answer }),
    (error) => ({ error: String(error) }),
  );
};

// The answer, or nothing when it has not come for a while.
globalThis.answered = (milliseconds) =>
  Promise.race([answered, new Promise((over) => setTimeout(over, milliseconds, null))]);

if (asked.has('from')) {
  await globalThis.ask('picture', Number(asked.get('from')), Number(asked.get('to')));
  globalThis.drawn = performance.now();
}
globalThis.ready = true;
