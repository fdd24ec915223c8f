//! [`Browser`]: Chromium, told what to do over the DevTools Protocol. It has one page, or several tabs of which one is
//! shown: that is the one which is looked at and pressed.

use std::cell::RefCell;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, geteuid};
use serde_json::{Value, json};

use crate::cdp::Wire;
use crate::scene::{Scene, Vendor, target};
use crate::{PATIENCE, wait_for};

/// A running browser. Dropping it ends it as abruptly as [`Browser::kill`] does.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    wire: RefCell<Wire>,
    shown: RefCell<Tab>,
    /// The sessions of the workers that were started, the oldest first.
    workers: RefCell<Vec<String>>,
    folder: PathBuf,
    notes: RefCell<Vec<String>>,
    downloads: RefCell<Vec<Download>>,
}

/// A tab of a browser.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    target: String,
    session: String,
}

/// What a page and its workers hold in memory, in octets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heaps {
    /// Objects of JavaScript.
    pub objects: u64,
    /// What lies outside of them, but for the memory of wasm.
    pub buffers: u64,
    /// The memory of the engine's wasm and of the page's, which never shrinks.
    pub wasm: u64,
}

#[derive(Debug)]
struct Download {
    guid: Value,
    name: String,
    complete: bool,
}

impl Browser {
    /// Starts the browser on the scene's profile, which a page at `origin` finds as its person left it. On a new
    /// profile that person has allowed the page the adapters of [`Vendor::ALL`], plugged in or not.
    ///
    /// # Panics
    /// There is no Chromium, or it does not start.
    #[must_use]
    pub fn start(scene: &Scene, origin: &str) -> Self {
        // Where the simulated households live: some meters tell the local time alone.
        Self::start_in(scene, origin, "Europe/Amsterdam")
    }

    /// The same in that time zone.
    ///
    /// # Panics
    /// There is no Chromium, or it does not start.
    #[must_use]
    pub fn start_in(scene: &Scene, origin: &str, zone: &str) -> Self {
        let profile = scene.path("profile");
        if !profile.exists() {
            fs::create_dir_all(profile.join("Default")).expect("the scene's folder can be written");
            let preferences = preferences(origin).to_string();
            fs::write(profile.join("Default/Preferences"), preferences).expect("the profile can be written");
        }
        let program = std::env::var("METERTAP_CHROMIUM").unwrap_or_else(|_| CHROMIUM.to_owned());
        assert!(
            Path::new(&program).exists(),
            "{program} is missing: install chromium, or name its binary (not a wrapper script) in METERTAP_CHROMIUM"
        );
        scene.forget_events();
        let log = File::create(scene.path("browser.log")).expect("the scene's folder can be written");
        let mut command = Command::new("sh");
        // A shell puts the pipes where the browser looks for them, and becomes the browser.
        command.args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >&2"#, "sh", &program]).args(FLAGS);
        if geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        command.env("TZ", zone);
        command.env("LD_PRELOAD", udev());
        command.env(metertap_udev::DEVICES, scene.path("udev-devices"));
        command.env(metertap_udev::EVENTS, scene.path("udev-events"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).process_group(0);
        let mut process = command.spawn().expect("a shell starts");
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (commands, answers) = pipes.expect("both pipes were asked for");
        let browser = Self {
            process,
            wire: RefCell::new(Wire::new(commands, answers)),
            shown: RefCell::default(),
            workers: RefCell::default(),
            folder: scene.path("downloads"),
            notes: RefCell::default(),
            downloads: RefCell::default(),
        };
        browser.attach();
        browser
    }

    /// Goes to a page.
    pub fn open(&self, url: &str) {
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url} cannot be opened: {answer}");
    }

    /// Loads the page again.
    pub fn reload(&self) {
        // What is waited for next must not be found on the page that is going away.
        self.evaluate("void (globalThis.goingAway = true)");
        self.call("Page.reload", json!({}));
        self.wait("the page is loaded again", "!globalThis.goingAway");
    }

    /// The value of a JavaScript expression, awaited where it is a promise.
    pub fn evaluate(&self, script: &str) -> Value {
        self.try_evaluate(script).unwrap_or_else(|error| self.fail(&format!("{script}: {error}")))
    }

    /// Waits until an expression is true of the page, and answers with its value; `what` says it in words.
    pub fn wait(&self, what: &str, script: &str) -> Value {
        self.wait_long(what, PATIENCE, script)
    }

    /// As [`Browser::wait`], for what takes longer.
    pub fn wait_long(&self, what: &str, patience: Duration, script: &str) -> Value {
        let truthy = |value: &Value| {
            !matches!(value, Value::Null | Value::Bool(false)) && *value != json!("") && *value != json!(0)
        };
        // While a page is being loaded, an expression may fail for want of what it speaks of.
        let seen = wait_for(patience, || self.try_evaluate(script).ok().filter(truthy));
        seen.unwrap_or_else(|| self.fail(&format!("{what}: not within {patience:?} ({script})")))
    }

    /// Presses what a selector finds, in its middle, where it must not be covered.
    pub fn click(&self, selector: &str) {
        let spot = self.wait(
            &format!("{selector} can be pressed"),
            &format!(
                "(async () => {{
                    const element = [...document.querySelectorAll({selector:?})].find((one) => one.checkVisibility());
                    element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                    const middle = () => {{
                        const {{ x, y, width, height }} = element.getBoundingClientRect();
                        return width > 0 && [x + width / 2, y + height / 2];
                    }};
                    const before = middle();
                    for (let frames = 0; frames < 2; frames += 1) {{ await new Promise(requestAnimationFrame); }}
                    const [x, y] = middle();
                    // What still moves would be missed.
                    const still = x === before[0] && y === before[1];
                    return still && element.contains(document.elementFromPoint(x, y)) && [x, y];
                }})()"
            ),
        );
        for kind in ["mousePressed", "mouseReleased"] {
            let params =
                json!({ "type": kind, "x": spot[0], "y": spot[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", params);
        }
    }

    /// Types into a field, in place of what is in it.
    pub fn enter(&self, selector: &str, text: &str) {
        self.wait(
            &format!("{selector} can be typed into"),
            &format!(
                "(() => {{ const field = document.querySelector({selector:?}); field.focus(); field.select();
                    return document.activeElement === field; }})()"
            ),
        );
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Chooses a file in a field for files.
    pub fn choose(&self, selector: &str, file: &Path) {
        self.wait(&format!("{selector} is there"), &format!("!!document.querySelector({selector:?})"));
        let object = self.call(
            "Runtime.evaluate",
            json!({ "expression": format!("document.querySelector({selector:?})") }),
        );
        let params = json!({ "objectId": object["result"]["objectId"], "files": [file] });
        self.call("DOM.setFileInputFiles", params);
    }

    /// How many files have been saved.
    #[must_use]
    pub fn saved_so_far(&self) -> usize {
        self.hear();
        self.downloads.borrow().iter().filter(|download| download.complete).count()
    }

    /// Waits until as many files have been saved, and answers with what is in the newest.
    pub fn saved(&self, count: usize) -> Vec<u8> {
        let name = wait_for(PATIENCE, || {
            self.hear();
            let downloads = self.downloads.borrow();
            let newest = downloads.iter().filter(|download| download.complete).nth(count.checked_sub(1)?)?;
            Some(newest.name.clone())
        });
        let name =
            name.unwrap_or_else(|| self.fail(&format!("{count} files: not saved within {PATIENCE:?}")));
        fs::read(self.folder.join(name)).expect("what was saved can be read")
    }

    /// Answers the next `requestPort()` with this adapter.
    pub fn pick(&self, vendor: Vendor) {
        self.evaluate(&format!("void (globalThis.picked = {})", vendor.id()));
    }

    /// Takes the whole page's picture, narrow and wide, light and dark, into `target/pictures`.
    pub fn picture(&self, name: &str) {
        self.call("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        for (width, height) in [(360, 780), (1440, 900)] {
            self.show(width, height);
            // As tall as what is on it, so that what stays at the window's edge covers nothing.
            let tall = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"]["height"].as_u64();
            self.show(width, tall.and_then(|tall| u32::try_from(tall).ok()).unwrap_or(height));
            for scheme in ["light", "dark"] {
                let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
                self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
                self.photograph(&format!("{name}-{width}-{scheme}"));
            }
        }
        self.call("Emulation.setEmulatedMedia", json!({ "features": [] }));
        self.show(WIDTH, HEIGHT);
    }

    /// What page and engine wrote on the console since the start, with uncaught errors and violated policies.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.hear();
        self.notes.borrow().clone()
    }

    /// Opens another tab and shows it. The answer is the tab that was shown before.
    pub fn open_tab(&self, url: &str) -> Tab {
        let params = json!({ "url": "about:blank" });
        let made = self.wire.borrow_mut().call("", "Target.createTarget", params);
        let made = made.unwrap_or_else(|error| self.fail(&error));
        let tab = self.join(made["targetId"].as_str().unwrap_or_default());
        let before = self.shown.replace(tab);
        self.open(url);
        before
    }

    /// Shows a tab. The answer is the one that was shown before.
    pub fn show_tab(&self, tab: Tab) -> Tab {
        let before = self.shown.replace(tab);
        self.call("Page.bringToFront", json!({}));
        before
    }

    /// Closes a tab that is not shown.
    pub fn close_tab(&self, tab: &Tab) {
        let closed = self.wire.borrow_mut().call("", "Target.closeTarget", json!({ "targetId": tab.target }));
        closed.unwrap_or_else(|error| self.fail(&error));
    }

    /// Ends the program behind a tab that is not shown from one moment to the next.
    pub fn crash_tab(&self, tab: &Tab) {
        // Who has crashed does not answer.
        let sent = self.wire.borrow_mut().send(&tab.session, "Page.crash", json!({}));
        sent.unwrap_or_else(|error| self.fail(&error));
    }

    /// What pages of an origin may keep on the disk, in octets; `None` for as much as the browser thinks.
    pub fn set_quota(&self, origin: &str, octets: Option<u64>) {
        let mut params = json!({ "origin": origin });
        if let Some(octets) = octets {
            params["quotaSize"] = json!(octets);
        }
        self.call("Storage.overrideQuotaForOrigin", params);
    }

    /// Clears what the browser clears by itself when the disk is full: databases, caches and service workers. What
    /// `localStorage` holds is not among it.
    pub fn evict(&self, origin: &str) {
        let kinds = "indexeddb,cache_storage,service_workers,file_systems";
        self.call("Storage.clearDataForOrigin", json!({ "origin": origin, "storageTypes": kinds }));
    }

    /// Lets all of the browser stand still, as on a computer that sleeps.
    pub fn sleep(&self) {
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGSTOP);
    }

    /// Lets it go on.
    pub fn wake(&self) {
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGCONT);
    }

    /// The value of an expression in the newest worker: in the engine, where readings get their moments.
    pub fn evaluate_in_engine(&self, script: &str) -> Value {
        self.hear();
        let worker = self.workers.borrow().last().cloned();
        let worker = worker.unwrap_or_else(|| self.fail("there is no worker"));
        let params = json!({ "expression": script, "returnByValue": true });
        let answer = self.wire.borrow_mut().call(&worker, "Runtime.evaluate", params);
        answer.unwrap_or_else(|error| self.fail(&error))["result"]["value"].clone()
    }

    /// What the page and the newest worker hold in memory, after what nobody needs was let go.
    #[must_use]
    pub fn heaps(&self) -> Heaps {
        self.hear();
        let worker = self.workers.borrow().last().cloned();
        let mut heaps = Heaps::default();
        for session in worker.into_iter().chain([self.shown.borrow().session.clone()]) {
            let mut wire = self.wire.borrow_mut();
            let _ = wire.call(&session, "HeapProfiler.collectGarbage", json!({}));
            let usage = wire.call(&session, "Runtime.getHeapUsage", json!({}));
            let usage = usage.expect("a program that runs tells what it holds");
            let octets = |name: &str| usage[name].as_f64().unwrap_or_default() as u64;
            heaps.objects += octets("usedSize");
            heaps.buffers += octets("backingStorageSize") + octets("embedderHeapUsedSize");
            let params = json!({ "expression": WASM, "awaitPromise": true, "returnByValue": true });
            let memory = wire.call(&session, "Runtime.evaluate", params).unwrap_or_default();
            heaps.wasm += memory["result"]["value"].as_f64().unwrap_or_default() as u64;
        }
        heaps
    }

    /// Ends the browser from one moment to the next, as a crash would.
    pub fn kill(mut self) {
        self.end();
    }

    fn attach(&self) {
        let pages = wait_for(PATIENCE, || {
            let targets = self.wire.borrow_mut().call("", "Target.getTargets", json!({})).ok()?;
            let target = targets["targetInfos"].as_array()?.iter().find(|target| target["type"] == "page")?;
            target["targetId"].as_str().map(str::to_owned)
        });
        let log = self.folder.with_file_name("browser.log");
        let page = pages.unwrap_or_else(|| panic!("the browser does not start; see {}", log.display()));
        self.shown.replace(self.join(&page));
        let behaviour = json!({ "behavior": "allow", "downloadPath": self.folder, "eventsEnabled": true });
        let set = self.wire.borrow_mut().call("", "Browser.setDownloadBehavior", behaviour);
        set.unwrap_or_else(|error| panic!("{error}"));
        self.show(WIDTH, HEIGHT);
    }

    /// Joins a tab, which from now on reports what goes on in it.
    fn join(&self, target: &str) -> Tab {
        let params = json!({ "targetId": target, "flatten": true });
        let session = self.wire.borrow_mut().call("", "Target.attachToTarget", params);
        let session = session.unwrap_or_else(|error| panic!("the page cannot be reached: {error}"));
        let session = session["sessionId"].as_str().unwrap_or_default().to_owned();
        let call = |method: &str, params: Value| {
            let answer = self.wire.borrow_mut().call(&session, method, params);
            answer.unwrap_or_else(|error| panic!("{error}"));
        };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable", "DOM.enable"] {
            call(domain, json!({}));
        }
        // Workers report what goes wrong in them over sessions of their own.
        let workers = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        call("Target.setAutoAttach", workers);
        call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": STAND_INS }));
        Tab { target: target.to_owned(), session }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        let session = self.shown.borrow().session.clone();
        let answer = self.wire.borrow_mut().call(&session, method, params);
        answer.unwrap_or_else(|error| self.fail(&error))
    }

    fn try_evaluate(&self, script: &str) -> Result<Value, String> {
        self.hear();
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true });
        let session = self.shown.borrow().session.clone();
        let answer = self.wire.borrow_mut().call(&session, "Runtime.evaluate", params)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details["exception"]["description"].to_string()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    fn show(&self, width: u32, height: u32) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    fn photograph(&self, name: &str) {
        let folder = target().join("pictures");
        fs::create_dir_all(&folder).expect("the target directory can be written");
        // Charts are drawn anew for another size or scheme, in the frame after they hear of it.
        self.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))",
        );
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let octets = BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default());
        let octets = octets.expect("a picture comes in base 64");
        fs::write(folder.join(format!("{name}.png")), octets).expect("the pictures can be written");
    }

    fn hear(&self) {
        let events = self.wire.borrow_mut().events();
        for event in events {
            let params = &event["params"];
            let note = match event["method"].as_str().unwrap_or_default() {
                "Target.attachedToTarget" => {
                    let session = params["sessionId"].as_str().unwrap_or_default();
                    // A worker that has ended by now has nothing to report.
                    let _ = self.wire.borrow_mut().send(session, "Runtime.enable", json!({}));
                    if params["targetInfo"]["type"] == "worker" {
                        self.workers.borrow_mut().push(session.to_owned());
                    }
                    continue;
                }
                "Browser.downloadWillBegin" => {
                    let name = params["suggestedFilename"].as_str().unwrap_or_default().to_owned();
                    let download = Download { guid: params["guid"].clone(), name, complete: false };
                    self.downloads.borrow_mut().push(download);
                    continue;
                }
                "Browser.downloadProgress" => {
                    for download in self.downloads.borrow_mut().iter_mut() {
                        download.complete |=
                            download.guid == params["guid"] && params["state"] == "completed";
                    }
                    continue;
                }
                "Runtime.consoleAPICalled" => {
                    let words = params["args"].as_array().into_iter().flatten();
                    let words =
                        words.map(|word| word.get("value").unwrap_or(&word["description"]).to_string());
                    format!("{}: {}", params["type"], words.collect::<Vec<_>>().join(" "))
                }
                "Runtime.exceptionThrown" => {
                    let details = &params["exceptionDetails"];
                    format!("uncaught: {} {}", details["text"], details["exception"]["description"])
                }
                "Log.entryAdded" => format!(
                    "{}: {} {}",
                    params["entry"]["level"], params["entry"]["text"], params["entry"]["url"]
                ),
                _ => continue,
            };
            self.notes.borrow_mut().push(note);
        }
    }

    fn fail(&self, what: &str) -> ! {
        let ask = |script| self.try_evaluate(script).unwrap_or_default();
        let page = ask("document.body?.innerText ?? ''");
        let notes = self.notes.borrow().join("\n");
        panic!(
            "{what}\n--- the page says\n{}\n--- the console says\n{notes}",
            page.as_str().unwrap_or_default()
        )
    }

    fn end(&mut self) {
        // The group may have ended by itself.
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGKILL);
        let _ = self.process.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a profile holds after its person has picked both adapters on this page once.
fn preferences(origin: &str) -> Value {
    let chosen = Vendor::ALL.map(|vendor| {
        json!({
            "name": format!("{vendor:?} adapter"),
            "vendor_id": vendor.id(),
            "product_id": vendor.product(),
            "serial_number": vendor.serial(),
        })
    });
    json!({ "profile": { "content_settings": { "exceptions": { "serial_chooser_data": {
        format!("{origin},*"): { "setting": { "chosen-objects": chosen } }
    } } } } })
}

/// The stand-in for libudev, which cargo builds before the tests, next to them.
fn udev() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let library = test.with_file_name("libmetertap_udev.so");
    assert!(library.exists(), "{} is missing: run the tests with cargo", library.display());
    library
}

/// The size of the memory of the program that runs there: whoever asks its module to begin again gets the one that has
/// begun.
const WASM: &str = "(async () => {
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    const module = loaded.find((name) => /\\/(app-[0-9a-f]+|engine)\\.js$/.test(name));
    const { memory } = await (await import(module)).default();
    return memory.buffer.byteLength;
})()";

const CHROMIUM: &str = "/usr/lib/chromium/chromium";
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 900;
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--remote-debugging-pipe",
];

/// Choosers cannot be driven by a script: the one for ports answers with the adapter that the test has picked, and
/// saving goes the way of browsers without a chooser for files.
const STAND_INS: &str = "
    delete globalThis.showSaveFilePicker;
    if (globalThis.Serial) {
        Serial.prototype.requestPort = async function () {
            const ports = await this.getPorts();
            const port = ports.find((port) => port.getInfo().usbVendorId === globalThis.picked);
            if (!port) { throw new DOMException('No port selected by the user.', 'NotFoundError'); }
            return port;
        };
    }
";
