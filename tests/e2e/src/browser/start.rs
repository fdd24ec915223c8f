//! Starts a browser: its profile, the user's permissions, and replacements for dialogs that a script cannot operate.

use std::cell::RefCell;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::geteuid;
use serde_json::{Value, json};

use super::Browser;
use super::picture::{HEIGHT, WIDTH};
use crate::cdp::Wire;
use crate::scene::{Scene, Vendor};
use crate::{PATIENCE, wait_for};

impl Browser {
    /// Starts the browser with the scene's profile, which keeps the data of earlier starts. In a new profile, the page
    /// at `origin` has permission for the adapters of [`Vendor::ALL`], plugged in or not.
    ///
    /// # Panics
    /// If there is no Chromium, or it does not start.
    #[must_use]
    pub fn start(scene: &Scene, origin: &str) -> Self {
        // The time zone of the simulated households, because some meters send only local time.
        Self::start_in(scene, origin, "Europe/Amsterdam")
    }

    /// As [`Self::start`], in that time zone.
    ///
    /// # Panics
    /// If there is no Chromium, or it does not start.
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
        // A shell connects the pipes to the descriptors that the browser expects, and then executes the browser.
        command.args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >&2"#, "sh", &program]).args(FLAGS);
        if geteuid().is_root() {
            command.arg("--no-sandbox");
        }
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        command.env("TZ", zone);
        // By file name, because the path may contain spaces, which the loader takes for separators.
        let udev = udev();
        command.env("LD_PRELOAD", udev.file_name().unwrap_or_default());
        command.env("LD_LIBRARY_PATH", udev.parent().unwrap_or(Path::new("")));
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

    /// Attaches to the browser's first page.
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
}

/// The preferences of a profile whose user has picked all adapters on this page once.
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

/// The replacement for libudev. Cargo builds it before the tests, into their folder.
fn udev() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let library = test.with_file_name("libmetertap_udev.so");
    assert!(library.exists(), "{} is missing: run the tests with cargo", library.display());
    library
}

const CHROMIUM: &str = "/usr/lib/chromium/chromium";
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    // Disables the browser's own pages that it preloads, such as the suggestions below the address bar. They take a
    // quarter of the time of a start.
    "--disable-features=PreloadTopChromeWebUI,WebUIOmniboxPopup",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-default-browser-check",
    // `meter.test` stands for another machine in the house. A page from there over plain HTTP is not a secure context,
    // unlike a page from localhost.
    "--host-resolver-rules=MAP meter.test 127.0.0.1",
    "--no-first-run",
    "--remote-debugging-pipe",
];

/// Scripts cannot operate choosers. Here, the chooser for ports returns the adapter that the test picked, and the
/// chooser for folders returns a folder of the site's private file system. The chooser for files to save is removed, so
/// the page saves files as downloads.
pub(super) const STAND_INS: &str = "
    delete globalThis.showSaveFilePicker;
    globalThis.showDirectoryPicker = async () => {
        const site = await navigator.storage.getDirectory();
        return site.getDirectoryHandle('stand-in for a chosen folder', { create: true });
    };
    if (globalThis.Serial) {
        Serial.prototype.requestPort = async function () {
            const ports = await this.getPorts();
            const port = ports.find((port) => port.getInfo().usbVendorId === globalThis.picked);
            if (!port) { throw new DOMException('No port selected by the user.', 'NotFoundError'); }
            return port;
        };
    }
";
