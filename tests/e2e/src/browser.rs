//! [`Browser`]: Chromium, told what to do over the DevTools Protocol. It has one page, or several tabs of which one is
//! shown: that is the one which is looked at and pressed.
//!
//! `start` is how it comes to be, `tabs` are what it shows, `heard` is what it tells unasked, `picture` and
//! `memory` are what it looks like and what it holds.

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

/// A running browser. Dropping it ends it as abruptly as [`Browser::kill`] does.
#[derive(Debug)]
pub struct Browser {
    process: Child,
    wire: RefCell<Wire>,
    shown: RefCell<Tab>,
    /// The workers that were started, the oldest first: by which program, and over which session they are reached.
    workers: RefCell<Vec<(String, String)>>,
    folder: PathBuf,
    notes: RefCell<Vec<String>>,
    downloads: RefCell<Vec<Download>>,
}

impl Browser {
    /// Goes to a page.
    pub fn open(&self, url: &str) {
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url} cannot be opened: {answer}");
    }

    /// Runs a script in each page that is opened from now on, before anything of the page.
    pub fn run_at_start(&self, script: &str) {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.load_again(json!({}));
    }

    /// Loads the page again as with the shift key held: past caches, and past the service worker.
    pub fn reload_past_caches(&self) {
        self.load_again(json!({ "ignoreCache": true }));
    }

    fn load_again(&self, how: Value) {
        // What is waited for next must not be found on the page that is going away.
        self.evaluate("void (globalThis.goingAway = true)");
        self.call("Page.reload", how);
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
        let mut why = String::new();
        let spot = wait_for(PATIENCE, || {
            let seen = self.try_evaluate(&pressable(selector)).unwrap_or_else(Value::String);
            seen.as_str().unwrap_or_default().clone_into(&mut why);
            seen.is_array().then_some(seen)
        });
        let spot = spot
            .unwrap_or_else(|| self.fail(&format!("{selector} cannot be pressed in {PATIENCE:?}: {why}")));
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

    /// Answers the next `requestPort()` with this adapter.
    pub fn pick(&self, vendor: Vendor) {
        self.evaluate(&format!("void (globalThis.picked = {})", vendor.id()));
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
        self.clear(origin, "indexeddb,cache_storage,service_workers,file_systems");
    }

    /// Clears kinds of storage, as a person does who clears a site's data.
    pub fn clear(&self, origin: &str, kinds: &str) {
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

    /// The value of an expression in the newest engine, where readings get their moments.
    pub fn evaluate_in_engine(&self, script: &str) -> Value {
        self.evaluate_in("engine", script)
    }

    /// The value of an expression in the newest worker of that program, awaited where it is a promise. What the worker's
    /// policy refuses is refused here too.
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

    /// Lets the engine of the tab that was opened first hang for ever.
    pub fn hang_first_engine(&self) {
        self.hear();
        let first = |(name, _): &&(String, String)| is_of(name, "engine");
        let worker = self.workers.borrow().iter().find(first).map(|(_, session)| session.clone());
        let worker = worker.unwrap_or_else(|| self.fail("there is no engine"));
        // Not at once: what DevTools has begun is not ended when the tab is closed.
        let params = json!({ "expression": "void setTimeout(() => { for (;;) {} })" });
        let answer = self.wire.borrow_mut().call(&worker, "Runtime.evaluate", params);
        answer.unwrap_or_else(|error| self.fail(&error));
    }

    /// Ends the browser from one moment to the next, as a crash would.
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

/// Whether a worker of that name runs that program: its name begins with the program's.
fn is_of(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|rest| rest.starts_with(' '))
}

/// Where the middle of an element is, once it lies still and nothing covers it; until then, why it cannot be pressed.
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
            // A browser that shows no frame for a while is asked again, not waited for.
            const frame = () => new Promise((done) => {{ requestAnimationFrame(done); setTimeout(done, 500); }});
            for (let frames = 0; frames < 2; frames += 1) {{ await frame(); }}
            const [x, y] = middle();
            if (x !== before[0] || y !== before[1]) {{ return `it moves from ${{before}} to ${{[x, y]}}`; }}
            const top = document.elementFromPoint(x, y);
            return element.contains(top) ? [x, y] : `at ${{[x, y]}} lies ${{top?.outerHTML.slice(0, 100)}}`;
        }})()"
    )
}
