// Starts the engine while the window's program is still on its way, so that one does not wait for the other.
//
// The engine does nothing before it is greeted. What is heard of it until then is kept for the window, which takes it over
// (src/browser/program.rs), or begins anew where this could not.
{
  const { dataset } = document.currentScript;
  const addresses = Object.values(dataset).map((path) => new URL(path, document.baseURI).href);
  const [engine] = addresses;
  const script = new Blob([`import "${engine}";`], { type: "text/javascript" });
  const heard = [];
  try {
    const name = ["engine", ...addresses].join(" ");
    const worker = new Worker(URL.createObjectURL(script), { type: "module", name });
    const hear = (event) => heard.push(event);
    worker.onmessage = hear;
    worker.onerror = hear;
    globalThis.begun = { worker, heard };
  } catch {
    // The window tries again, and tells of it.
  }
}
