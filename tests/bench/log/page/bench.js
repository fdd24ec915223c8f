// The page of one side of the comparison: starts its worker and sends it tasks. `?who=` names the side. With
// `&from=…&to=…` the page draws the chart of that time as soon as it opens, and records when the chart was drawn.
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

// Sends the worker a task, and resolves with its answer.
globalThis.ask = (task, ...words) =>
  new Promise((done, failed) => {
    waiting.set((last += 1), { done, failed });
    worker.postMessage({ id: last, task, words });
  });

// The test that drives the browser calls this, and then `answered` until there is an answer.
globalThis.begin = (task, ...words) => {
  answered = globalThis.ask(task, ...words).then(
    (answer) => ({ answer }),
    (error) => ({ error: String(error) }),
  );
};

// The answer to the task that `begin` has sent, or null if it has not arrived within that time.
globalThis.answered = (milliseconds) =>
  Promise.race([answered, new Promise((over) => setTimeout(over, milliseconds, null))]);

if (asked.has('from')) {
  await globalThis.ask('picture', Number(asked.get('from')), Number(asked.get('to')));
  globalThis.drawn = performance.now();
}
globalThis.ready = true;
