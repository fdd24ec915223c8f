// Starts the engine while the window's program still loads, so that neither waits for the other.
//
// Shows the notice "Metertap has not started" of index.html at once if the window's program fails to load or start. If
// the program never arrives, style.css shows the notice.
//
// The engine does nothing before the window greets it. Until then, this script keeps the engine's messages. The window
// takes the running engine over (src/browser/program.rs), or starts another one if none runs.
{
  // Once the window's program runs, the notice is gone, and later errors are not shown here.
  const tell = () => {
    const notice = document.querySelector(".not-started");
    if (!notice) return;
    notice.querySelector(".reason").textContent =
      "Its files could not be loaded completely. If this network asks you to log in, do that first. No reading is lost.";
    notice.classList.add("now");
  };
  addEventListener("unhandledrejection", tell);
  addEventListener(
    "error",
    ({ target }) => {
      if (target === globalThis || target instanceof HTMLScriptElement) tell();
    },
    true,
  );

  // The browser's cache may hold something else in place of a file, so all files are fetched from the server again.
  addEventListener("click", async (event) => {
    if (!(event.target instanceof Element) || !event.target.closest(".not-started .button")) return;
    event.preventDefault();
    const files = [...document.querySelectorAll("script[src], link[rel*=preload], link[rel=stylesheet]")];
    const addresses = files.map(({ src, href }) => src ?? href).concat(texts);
    await Promise.allSettled(addresses.map((address) => fetch(address, { cache: "reload" })));
    location.reload();
  });

  // Fetches the texts in the language that the user has chosen. Without a choice, takes the first of the browser's
  // languages that has texts, or else English. The window's program takes the texts over (src/browser/language.rs).
  let chosen;
  try {
    chosen = localStorage.getItem("metertap-language");
  } catch {
    // The browser does not allow storage.
  }
  const page = document.documentElement;
  const known = { __proto__: null, en: "en", de: "de", fr: "fr", nl: "nl", nb: "nb", no: "nb", nn: "nb", sv: "sv" };
  const asked = [chosen ?? "", ...navigator.languages].map((tag) => known[tag.split("-")[0]]);
  const language = asked.find((code) => code) ?? "en";
  const texts = page.dataset.texts.replace("en-", `${language}-`);
  const text = fetch(texts).then((response) =>
    response.ok ? response.text() : Promise.reject(new Error(response.statusText)),
  );
  globalThis.spoken = { language, text };

  // Translates the frame of the page before the program runs. The first texts are the screens' names, sorted by the
  // screens' addresses.
  text.then(async (texts) => {
    if (document.readyState === "loading") {
      await new Promise((parsed) => document.addEventListener("DOMContentLoaded", parsed));
    }
    if (language === "en" || !document.querySelector(".beginning")) return;
    const names = texts.split("\n");
    const ways = [...document.querySelectorAll(".ways a")];
    ways.sort((one, other) => (one.dataset.screen < other.dataset.screen ? -1 : 1));
    for (const way of ways) way.lastElementChild.textContent = names.shift();
    page.lang = language;
  });

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
    // The window tries again, and reports a failure.
  }
}
