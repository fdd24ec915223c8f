//! [`Page`]: Metertap's page, as seen by a user and by scripts. Scripts find elements by their data attributes.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use metertap_simulator::Model;
use serde::Deserialize;
use serde_json::Value;

use crate::browser::{Browser, Tab};
use crate::scene::Vendor;

/// The page in a browser.
#[derive(Debug)]
pub struct Page {
    browser: Browser,
}

/// The contents of a meter's card.
#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    /// The state of its source.
    pub state: String,
    /// The number of the newest reading. 0 before the first.
    pub seq: u64,
    /// Every value on the card.
    pub values: Vec<ShownValue>,
    /// The counts of received data, by name.
    pub counts: BTreeMap<String, u64>,
    /// The code of the error that the card shows.
    pub trouble: Option<String>,
}

/// A value on the card.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct ShownValue {
    /// The meter's own name of the register, or `net`.
    pub register: String,
    /// The quantity.
    pub quantity: Option<String>,
    /// The exact value.
    pub value: String,
    /// Its unit.
    pub unit: Option<String>,
    /// The text that the user reads.
    pub text: String,
}

/// The kind of port that the user chooses.
#[derive(Clone, Copy, Debug)]
pub enum PortKind {
    /// Unknown.
    Any,
    /// HAN adapter, 2400 8E1.
    Han,
    /// P1, 115200 8N1.
    P1,
    /// Older P1, 9600 7E1.
    P1Old,
    /// A wired M-Bus with several meters.
    Bus,
}

impl Page {
    /// Opens the page and waits for its engine.
    #[must_use]
    pub fn open(browser: Browser, origin: &str) -> Self {
        browser.open(origin);
        let page = Self { browser };
        page.wait_ready();
        page
    }

    /// The page's browser.
    #[must_use]
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Reloads the page and waits for its engine.
    pub fn reload(&self) {
        self.browser.reload();
        self.wait_ready();
    }

    /// Reloads the page without caches and service worker, and waits for its engine.
    pub fn reload_past_caches(&self) {
        self.browser.reload_past_caches();
        self.wait_ready();
    }

    /// Waits until the service worker has stored the page, so that the page would open without its server.
    pub fn wait_kept(&self) {
        let script = "navigator.serviceWorker.ready.then((ready) => ready.active.state === 'activated')";
        self.browser.wait("the page is kept for opening without its server", script);
    }

    /// Expands the details of a meter's card, and the recording in them.
    pub fn unfold_recording(&self, meter: &str) {
        let card = format!("article[data-meter={meter:?}]");
        let unfold = format!(
            "[...document.querySelectorAll({:?})].filter((fold) => fold.open = true).length === 2",
            format!("{card} [data-part=details], {card} .recording")
        );
        self.browser.wait("the recording unfolds", &unfold);
    }

    /// Opens the page in another tab and waits until that tab watches. Returns the tab that was shown before.
    #[must_use]
    pub fn open_watching_tab(&self, url: &str) -> Tab {
        let shown = self.browser.open_tab(url);
        self.wait_tab("watches");
        shown
    }

    /// Waits until the tab that is shown has this role: `writes` if it writes the log, `watches` if another tab does.
    pub fn wait_tab(&self, place: &str) {
        let script =
            format!("document.body?.dataset.engine === 'ready' && document.body.dataset.tab === {place:?}");
        self.browser.wait(&format!("this tab {place}"), &script);
    }

    /// Waits for a notice about the log, and returns its details.
    #[must_use]
    pub fn wait_notice(&self, code: &str, patience: Duration) -> String {
        let script =
            format!("document.querySelector('[data-notice=log] [data-trouble={code:?}]')?.innerText");
        let told = self.browser.wait_long(&format!("the page reports {code}"), patience, &script);
        told.as_str().unwrap_or_default().to_owned()
    }

    /// Opens a file with telegrams or a capture, and returns the key of its meter.
    #[must_use]
    pub fn open_file(&self, file: &Path) -> String {
        self.go("live");
        let before = self.meters();
        self.go("connect");
        self.browser.choose("[data-action=open-file]", file);
        self.new_meter(&before)
    }

    /// Opens a screen.
    pub fn go(&self, screen: &str) {
        self.browser.click(&format!("[data-screen={screen}]"));
        let there = format!("!!document.querySelector('[data-screen={screen}][aria-current=page]')");
        self.browser.wait(&format!("the screen {screen} is shown"), &format!("{there} && {SCREEN_CAME}"));
    }

    /// Connects a port, and returns the key of the new meter.
    #[must_use]
    pub fn connect(&self, vendor: Vendor, kind: PortKind) -> String {
        let kind = match kind {
            PortKind::Any => "any",
            PortKind::Han => "han",
            PortKind::P1 => "p1",
            PortKind::P1Old => "p1-old",
            PortKind::Bus => "mbus-several",
        };
        self.browser.pick(vendor);
        self.add(&format!("[data-action=connect][data-kind={kind}]"), || {
            // The kinds of port are in a closed details element.
            let open = "document.querySelector('details.kinds').open = true";
            self.browser.wait("the kinds of ports are shown", open);
        })
    }

    /// Adds the meter behind a bridge at that URL, and returns its key.
    #[must_use]
    pub fn bridge(&self, url: &str) -> String {
        self.add("[data-action=bridge]", || self.browser.enter("[name=bridge-url]", url))
    }

    /// Sets how often a meter is asked, in seconds.
    pub fn ask_every(&self, meter: &str, seconds: u32) {
        let line = format!("li[data-meter={meter:?}]");
        self.go("meters");
        let open = format!(
            "(() => {{
                const line = document.querySelector({line:?});
                line.querySelector('details').open = true;
                line.querySelector('[name=unit]').value = '1';
                return true;
            }})()"
        );
        self.browser.wait("the meter's settings open", &open);
        self.browser.enter(&format!("{line} [name=every]"), &seconds.to_string());
        self.browser.click(&format!("{line} [data-action=schedule]"));
        let kept = format!(
            "document.querySelector({line:?}).querySelector('[name=unit]').value === '1'
                && document.querySelector({line:?}).querySelector('[name=every]').value === '{seconds}'"
        );
        self.browser.wait("the interval is kept", &kept);
        self.go("live");
    }

    /// Starts a simulated meter, and returns its key.
    #[must_use]
    pub fn simulate(&self, model: Model) -> String {
        self.add(&format!("[data-action=simulate][data-model={:?}]", model.name()), || {})
    }

    /// Removes a meter and confirms the question.
    pub fn remove(&self, meter: &str) {
        let card = format!("article[data-meter={meter:?}]");
        self.browser.click(&format!("{card} [data-action=remove]"));
        let gone = format!("!document.querySelector({card:?})");
        self.browser.wait(&format!("meter {meter} is gone"), &gone);
    }

    /// Stops reading a meter, and starts reading it again.
    pub fn restart_reading(&self, meter: &str) {
        self.browser.click(&format!("article[data-meter={meter:?}] [data-action=read-off]"));
        self.wait_state(meter, "off");
        self.browser.click(&format!("article[data-meter={meter:?}] [data-action=read-on]"));
        self.wait_state(meter, "listening");
    }

    /// The keys of the meters on the live screen.
    #[must_use]
    pub fn meters(&self) -> Vec<String> {
        let keys = self.browser.evaluate(
            "[...document.querySelectorAll('article[data-meter]')].map((card) => card.dataset.meter)",
        );
        serde_json::from_value(keys).expect("keys are text")
    }

    /// The contents of a meter's card. `None` if there is none.
    #[must_use]
    pub fn card(&self, meter: &str) -> Option<Card> {
        let card = self.browser.evaluate(&format!("({CARD})({meter:?})"));
        if card.is_null() { None } else { Some(serde_json::from_value(card).expect("a card has its marks")) }
    }

    /// Waits until a meter's card meets a condition. `what` describes the condition for error messages.
    ///
    /// # Panics
    /// If the card does not meet it in time.
    pub fn wait_card(&self, meter: &str, what: &str, condition: &str) -> Card {
        let script = format!(
            "(() => {{ const card = ({CARD})({meter:?}); return card && ({condition}) && card; }})()"
        );
        let card = self.browser.wait(&format!("meter {meter}: {what}"), &script);
        serde_json::from_value(card).expect("a card has its marks")
    }

    /// Waits until a meter is in that state.
    pub fn wait_state(&self, meter: &str, state: &str) -> Card {
        self.wait_card(meter, &format!("is {state}"), &format!("card.state === {state:?}"))
    }

    /// Saves the whole log as JSON Lines and returns its readings.
    ///
    /// # Panics
    /// If a line is not JSON.
    #[must_use]
    pub fn export(&self) -> Vec<Value> {
        self.go("data");
        let already = self.browser.saved_so_far();
        self.browser.click("[name=form][value=json-lines]");
        self.browser.click("[data-action=export]");
        let file = self.browser.saved(already + 1);
        let text = String::from_utf8(file).expect("JSON Lines is UTF-8");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON"));
        let entries = lines.collect();
        self.go("live");
        entries
    }

    /// Saves the whole log in that format. A table has rows of that resolution.
    ///
    /// # Panics
    /// If the file is not UTF-8.
    #[must_use]
    pub fn save(&self, form: &str, resolution: &str) -> String {
        String::from_utf8(self.save_octets(form, resolution)).expect("the form is UTF-8")
    }

    /// As [`Self::save`], but returns bytes, for formats that are not text.
    #[must_use]
    pub fn save_octets(&self, form: &str, resolution: &str) -> Vec<u8> {
        self.go("data");
        let already = self.browser.saved_so_far();
        self.browser.click(&format!("[name=form][value={form}]"));
        if matches!(form, "csv" | "workbook") {
            self.select("[name=resolution]", resolution);
        }
        self.browser.click("[data-action=export]");
        self.browser.saved(already + 1)
    }

    /// Selects an option of a list.
    pub fn select(&self, list: &str, value: &str) {
        let script = format!(
            "(() => {{
                const list = document.querySelector({list:?});
                if (!list) {{ return false; }}
                list.value = {value:?};
                list.dispatchEvent(new Event('change', {{ bubbles: true }}));
                return list.value === {value:?};
            }})()"
        );
        self.browser.wait(&format!("{value} is chosen from {list}"), &script);
    }

    /// Forwards every reading to a broker, and waits until the broker has accepted the connection.
    pub fn forward(&self, url: &str) {
        self.go("forward");
        self.browser.enter("[name=broker-url]", url);
        self.browser.click("[data-action=forward-save]");
        self.wait_forwarded("connected", "true");
        self.go("live");
    }

    /// Waits on the forward screen for a state of the connection and a condition on `waiting`, the number of readings
    /// that the broker has not acknowledged.
    pub fn wait_forwarded(&self, state: &str, condition: &str) {
        self.go("forward");
        let script = format!(
            "(() => {{
                const state = document.querySelector('[data-forward]')?.dataset.forward;
                const waiting = Number(document.querySelector('[data-count=waiting]')?.dataset.value ?? NaN);
                return state === {state:?} && ({condition});
            }})()"
        );
        self.browser.wait(&format!("forwarding is {state} and {condition}"), &script);
        self.go("live");
    }

    /// Returns the page's browser.
    #[must_use]
    pub fn into_browser(self) -> Browser {
        self.browser
    }

    fn add(&self, button: &str, first: impl FnOnce()) -> String {
        self.go("live");
        let before = self.meters();
        self.go("connect");
        first();
        self.browser.click(button);
        self.new_meter(&before)
    }

    fn new_meter(&self, before: &[String]) -> String {
        self.go("live");
        let script = format!(
            "[...document.querySelectorAll('article[data-meter]')].map((card) => card.dataset.meter)
                .find((meter) => !{}.includes(meter))",
            Value::from(before)
        );
        let meter = self.browser.wait("a new meter is on the screen", &script);
        meter.as_str().expect("keys are text").to_owned()
    }

    /// Waits until the engine has started.
    pub fn wait_ready(&self) {
        self.browser.wait("the engine is ready", "document.body?.dataset.engine === 'ready'");
    }
}

/// A script function that returns the [`Card`] of a meter's key.
const CARD: &str = "(meter) => {
    const card = document.querySelector(`article[data-meter='${meter}']`);
    if (!card) { return null; }
    const values = [...card.querySelectorAll('[data-register][data-value]')].map((element) => ({
        register: element.dataset.register,
        quantity: element.dataset.quantity || null,
        value: element.dataset.value,
        unit: element.dataset.unit || null,
        text: element.innerText,
    }));
    const counts = [...card.querySelectorAll('[data-count]')];
    return {
        state: card.dataset.state,
        seq: Number(card.dataset.seq || 0),
        values,
        counts: Object.fromEntries(counts.map(({ dataset }) => [dataset.count, Number(dataset.value)])),
        trouble: card.querySelector('[data-trouble]')?.dataset.trouble || card.dataset.trouble || null,
    };
}";

/// A script that checks whether the screen is loaded.
const SCREEN_CAME: &str = "!document.querySelector('[data-screen-state=coming]')";
