//! Events of the browser: saved files, started workers, and messages on the console.

use std::fs;

use serde_json::{Value, json};

use super::Browser;
use crate::{PATIENCE, wait_for};

/// A download, running or complete.
#[derive(Debug)]
pub(super) struct Download {
    guid: Value,
    name: String,
    complete: bool,
}

impl Browser {
    /// The number of files saved so far.
    #[must_use]
    pub fn saved_so_far(&self) -> usize {
        self.hear();
        self.downloads.borrow().iter().filter(|download| download.complete).count()
    }

    /// Waits until that many files have been saved, and returns the contents of the last of them.
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

    /// The console messages of page and engine since the start, including uncaught errors and violations of the
    /// Content-Security-Policy.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.hear();
        self.notes.borrow().clone()
    }

    /// Processes the events since the last call.
    pub(super) fn hear(&self) {
        let events = self.wire.borrow_mut().events();
        for event in events {
            let params = &event["params"];
            let note = match event["method"].as_str().unwrap_or_default() {
                "Target.attachedToTarget" => {
                    let session = params["sessionId"].as_str().unwrap_or_default();
                    // A worker that has ended has nothing to report.
                    let _ = self.wire.borrow_mut().send(session, "Runtime.enable", json!({}));
                    let target = &params["targetInfo"];
                    if target["type"] == "worker" {
                        // A worker has a title if it was given a name.
                        let [title, url] = ["title", "url"].map(|of| target[of].as_str().unwrap_or_default());
                        let program = format!("{title} {url}");
                        self.workers.borrow_mut().push((program, session.to_owned()));
                        let own =
                            json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
                        let _ = self.wire.borrow_mut().send(session, "Target.setAutoAttach", own);
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
}
