//! Tabs. One tab is shown, and methods act on it.

use serde_json::{Value, json};

use super::Browser;
use super::start::STAND_INS;

/// A tab of a browser.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    target: String,
    pub(super) session: String,
}

impl Browser {
    /// Opens another tab and shows it. Returns the tab that was shown before.
    pub fn open_tab(&self, url: &str) -> Tab {
        let params = json!({ "url": "about:blank" });
        let made = self.wire.borrow_mut().call("", "Target.createTarget", params);
        let made = made.unwrap_or_else(|error| self.fail(&error));
        let tab = self.join(made["targetId"].as_str().unwrap_or_default());
        let before = self.shown.replace(tab);
        self.open(url);
        before
    }

    /// Shows a tab. Returns the tab that was shown before.
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

    /// Crashes the renderer of a tab that is not shown.
    pub fn crash_tab(&self, tab: &Tab) {
        // A crashed tab does not answer.
        let sent = self.wire.borrow_mut().send(&tab.session, "Page.crash", json!({}));
        sent.unwrap_or_else(|error| self.fail(&error));
    }

    /// Attaches to a tab and enables its events.
    pub(super) fn join(&self, target: &str) -> Tab {
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
        // Workers report their errors over their own sessions.
        let workers = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        call("Target.setAutoAttach", workers);
        call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": STAND_INS }));
        Tab { target: target.to_owned(), session }
    }
}
