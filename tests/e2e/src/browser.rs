//! [`Browser`]: Chromium, controlled over the DevTools Protocol. It has one page, or several tabs of which one is
//! shown. Methods act on the tab that is shown.
//!
//! `start` starts the browser, `tabs` opens and closes tabs, and `heard` collects events. `picture` takes screenshots,
//! and `memory` measures memory.

mod hands;
mod heard;
mod memory;
mod picture;
mod start;
mod tabs;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use self::heard::Download;
pub use self::memory::Heaps;
pub use self::tabs::Tab;
use crate::cdp::Wire;
use crate::scene::Vendor;
use crate::{PATIENCE, wait_for};

/// A running browser. Dropping it kills it as [`Browser::kill`] does.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    wire: RefCell<Wire>,
    shown: RefCell<Tab>,
    /// The workers that were started, oldest first, each with its name and the id of its session.
    workers: RefCell<Vec<(String, String)>>,
    folder: PathBuf,
    notes: RefCell<Vec<String>>,
    downloads: RefCell<Vec<Download>>,
}

impl Browser {
    /// Opens a page.
    pub fn open(&self, url: &str) {
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url} cannot be opened: {answer}");
    }

    /// Runs a script in each page that is opened from now on, before the page's own scripts.
    pub fn run_at_start(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Reloads the page.
    pub fn reload(&self) {
        self.load_again(json!({}));
    }

    /// Reloads the page as with the Shift key held: without caches and without the service worker.
    pub fn reload_past_caches(&self) {
        self.load_again(json!({ "ignoreCache": true }));
    }

    fn load_again(&self, how: Value) {
        // Marks the old page, so that the next wait does not find anything on it.
        self.evaluate("void (globalThis.goingAway = true)");
        self.call("Page.reload", how);
        self.wait("the page is loaded again", "!globalThis.goingAway");
    }

    /// The value of a JavaScript expression. A promise is awaited.
    pub fn evaluate(&self, script: &str) -> Value {
        self.try_evaluate(script).unwrap_or_else(|error| self.fail(&format!("{script}: {error}")))
    }

    /// Waits until an expression is true on the page, and returns its value. `what` describes it for error messages.
    pub fn wait(&self, what: &str, script: &str) -> Value {
        self.wait_long(what, PATIENCE, script)
    }

    /// As [`Browser::wait`], with another timeout.
    pub fn wait_long(&self, what: &str, patience: Duration, script: &str) -> Value {
        let truthy = |value: &Value| {
            !matches!(value, Value::Null | Value::Bool(false)) && *value != json!("") && *value != json!(0)
        };
        // While a page is loading, the expression may fail because its objects do not exist yet.
        let seen = wait_for(patience, || self.try_evaluate(script).ok().filter(truthy));
        seen.unwrap_or_else(|| self.fail(&format!("{what}: not within {patience:?} ({script})")))
    }

    /// Clicks the middle of the element that a selector finds. Nothing may cover the element there. If the element has
    /// moved away just before the click, this clicks again.
    pub fn click(&self, selector: &str) {
        let mut why = String::new();
        let clicked = wait_for(PATIENCE, || {
            let seen = self.try_evaluate(&pressable(selector)).unwrap_or_else(Value::String);
            seen.as_str().unwrap_or_default().clone_into(&mut why);
            let spot = seen.is_array().then_some(seen)?;
            for kind in ["mousePressed", "mouseReleased"] {
                let params =
                    json!({ "type": kind, "x": spot[0], "y": spot[1], "button": "left", "clickCount": 1 });
                self.call("Input.dispatchMouseEvent", params);
            }
            "it moved just before the click".clone_into(&mut why);
            // The click may have opened another document, which knows nothing of it.
            (self.try_evaluate("globalThis.isMissed") != Ok(Value::Bool(true))).then_some(())
        });
        clicked.unwrap_or_else(|| self.fail(&format!("{selector} cannot be pressed in {PATIENCE:?}: {why}")));
    }

    /// Types into a field and replaces its contents.
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

    /// Chooses a file in a file input.
    pub fn choose(&self, selector: &str, file: &Path) {
        self.wait(&format!("{selector} is there"), &format!("!!document.querySelector({selector:?})"));
        let object = self.call(
            "Runtime.evaluate",
            json!({ "expression": format!("document.querySelector({selector:?})") }),
        );
        let params = json!({ "objectId": object["result"]["objectId"], "files": [file] });
        self.call("DOM.setFileInputFiles", params);
    }

    /// Makes `requestPort()` return this adapter, until the page is reloaded or another adapter is picked.
    pub fn pick(&self, vendor: Vendor) {
        self.evaluate(&format!("void (globalThis.picked = {})", vendor.id()));
    }

    /// Sets how many bytes an origin may store on the disk. `None` leaves the limit to the browser.
    pub fn set_quota(&self, origin: &str, octets: Option<u64>) {
        let mut params = json!({ "origin": origin });
        if let Some(octets) = octets {
            params["quotaSize"] = json!(octets);
        }
        self.call("Storage.overrideQuotaForOrigin", params);
    }

    /// Clears what the browser itself clears when the disk is full: databases, caches, service workers and the private
    /// file system. `localStorage` stays.
    pub fn evict(&self, origin: &str) {
        self.clear(origin, "indexeddb,cache_storage,service_workers,file_systems");
    }

    /// Clears kinds of storage, as when a user clears a site's data.
    pub fn clear(&self, origin: &str, kinds: &str) {
        assert!(self.try_to_clear(origin, kinds), "the browser clears its storage");
    }

    /// As [`Browser::clear`]. Returns `false` if the browser does not answer.
    #[must_use]
    pub fn try_to_clear(&self, origin: &str, kinds: &str) -> bool {
        let session = self.shown.borrow().session.clone();
        let params = json!({ "origin": origin, "storageTypes": kinds });
        self.wire.borrow_mut().call(&session, "Storage.clearDataForOrigin", params).is_ok()
    }

    /// Stops the whole browser, as on a computer that sleeps.
    pub fn sleep(&self) {
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGSTOP);
    }

    /// Lets the browser run again.
    pub fn wake(&self) {
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGCONT);
    }

    /// The value of an expression in the newest engine. The engine stamps readings with their time, so a test that
    /// changes the clock does it here.
    pub fn evaluate_in_engine(&self, script: &str) -> Value {
        self.evaluate_in("engine", script)
    }

    /// The value of an expression in the newest worker of that program. A promise is awaited. The worker's
    /// Content-Security-Policy applies to the expression too.
    pub fn evaluate_in(&self, program: &str, script: &str) -> Value {
        let worker = wait_for(PATIENCE, || {
            self.hear();
            let workers = self.workers.borrow();
            workers.iter().rfind(|(name, _)| is_of(name, program)).map(|(_, session)| session.clone())
        });
        let worker = worker.unwrap_or_else(|| {
            let workers = self.workers.borrow();
            let names: Vec<&str> = workers.iter().map(|(name, _)| name.as_str()).collect();
            self.fail(&format!("{program} runs in no worker of {names:?}"))
        });
        let params = json!({ "expression": script, "awaitPromise": true, "returnByValue": true,
            "allowUnsafeEvalBlockedByCSP": false });
        let answer = self.wire.borrow_mut().call(&worker, "Runtime.evaluate", params);
        answer.unwrap_or_else(|error| self.fail(&error))["result"]["value"].clone()
    }

    /// Makes the engine of the first tab hang for ever.
    pub fn hang_first_engine(&self) {
        self.hear();
        let first = |(name, _): &&(String, String)| is_of(name, "engine");
        let worker = self.workers.borrow().iter().find(first).map(|(_, session)| session.clone());
        let worker = worker.unwrap_or_else(|| self.fail("there is no engine"));
        // The loop starts later, because DevTools does not end a running evaluation when the tab is closed.
        let params = json!({ "expression": "void setTimeout(() => { for (;;) {} })" });
        let answer = self.wire.borrow_mut().call(&worker, "Runtime.evaluate", params);
        answer.unwrap_or_else(|error| self.fail(&error));
    }

    /// Kills the browser, as a crash would.
    pub fn kill(mut self) {
        self.end();
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
        // This fails if the process group has ended, which is fine.
        let _ = killpg(Pid::from_raw(self.process.id().cast_signed()), Signal::SIGKILL);
        let _ = self.process.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a worker of that name runs that program. Its name begins with the program's name.
fn is_of(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|rest| rest.starts_with(' '))
}

/// A script for the position of the middle of an element, once the element no longer moves and nothing covers it. Until
/// then, the script gives the reason why the element cannot be clicked.
fn pressable(selector: &str) -> String {
    format!(
        "(async () => {{
            const element = [...document.querySelectorAll({selector:?})].find((one) => one.checkVisibility());
            if (!element) {{ return 'it is not there'; }}
            element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const middle = () => {{
                const {{ x, y, width, height }} = element.getBoundingClientRect();
                return width > 0 && [x + width / 2, y + height / 2];
            }};
            const before = middle();
            // If the browser draws no frame for half a second, the script continues without one.
            const frame = () => new Promise((done) => {{ requestAnimationFrame(done); setTimeout(done, 500); }});
            for (let frames = 0; frames < 2; frames += 1) {{ await frame(); }}
            const [x, y] = middle();
            if (x !== before[0] || y !== before[1]) {{ return `it moves from ${{before}} to ${{[x, y]}}`; }}
            const top = document.elementFromPoint(x, y);
            if (!element.contains(top)) {{ return `at ${{[x, y]}} lies ${{top?.outerHTML.slice(0, 100)}}`; }}
            globalThis.isMissed = true;
            element.addEventListener('click', () => {{ globalThis.isMissed = false; }}, {{ capture: true }});
            return [x, y];
        }})()"
    )
}
