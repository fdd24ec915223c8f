//! [`Page`]: Metertap's page as a person and a script see it, by the marks that its elements carry.

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

/// What a meter's card shows.
#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    /// What its source is doing.
    pub state: String,
    /// The newest reading's number; 0 before the first.
    pub seq: u64,
    /// Every value on it.
    pub values: Vec<ShownValue>,
    /// What was heard so far, by the name of the count.
    pub counts: BTreeMap<String, u64>,
    /// The code of the trouble that it tells of.
    pub trouble: Option<String>,
}

/// A value on the screen.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct ShownValue {
    /// The meter's own name of the register, or `net`.
    pub register: String,
    /// What it measures.
    pub quantity: Option<String>,
    /// The exact value.
    pub value: String,
    /// Its unit.
    pub unit: Option<String>,
    /// What a person reads.
    pub text: String,
}

/// What kind of port a person says that they have plugged in.
#[derive(Clone, Copy, Debug)]
pub enum PortKind {
    /// Whatever it is.
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

    /// The browser that it is in.
    #[must_use]
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// Loads the page again and waits for its engine.
    pub fn reload(&self) {
        self.browser.reload();
        self.wait_ready();
    }

    /// Loads the page again past caches and service worker, and waits for its engine.
    pub fn reload_past_caches(&self) {
        self.browser.reload_past_caches();
        self.wait_ready();
    }

    /// Waits until the page would open without its server.
    pub fn wait_kept(&self) {
        let script = "navigator.serviceWorker.ready.then((ready) => ready.active.state === 'activated')";
        self.browser.wait("the page is kept for opening without its server", script);
    }

    /// Unfolds the details of a meter's card, and the recording in them.
    pub fn unfold_recording(&self, meter: &str) {
        let card = format!("article[data-meter={meter:?}]");
        let unfold = format!(
            "[...document.querySelectorAll({:?})].filter((fold) => fold.open = true).length === 2",
            format!("{card} [data-part=details], {card} .recording")
        );
        self.browser.wait("the recording unfolds", &unfold);
    }

    /// Opens the page in another tab, waits until that watches, and answers with the tab that was shown before.
    #[must_use]
    pub fn open_watching_tab(&self, url: &str) -> Tab {
        let shown = self.browser.open_tab(url);
        self.wait_tab("watches");
        shown
    }

    /// Waits until the tab that is shown writes the log, or watches another that does.
    pub fn wait_tab(&self, place: &str) {
        let script =
            format!("document.body?.dataset.engine === 'ready' && document.body.dataset.tab === {place:?}");
        self.browser.wait(&format!("this tab {place}"), &script);
    }

    /// Waits for a notice about the log, and answers with its small print.
    #[must_use]
    pub fn wait_notice(&self, code: &str, patience: Duration) -> String {
        let script =
            format!("document.querySelector('[data-notice=log] [data-trouble={code:?}]')?.innerText");
        let told = self.browser.wait_long(&format!("the page tells of {code}"), patience, &script);
        told.as_str().unwrap_or_default().to_owned()
    }

    /// Opens a file of octets, and answers with the key of the meter that it is read as.
    #[must_use]
    pub fn open_file(&self, file: &Path) -> String {
        self.go("live");
        let before = self.meters();
        self.go("connect");
        self.browser.choose("[data-action=open-file]", file);
        self.new_meter(&before)
    }

    /// Goes to a screen.
    pub fn go(&self, screen: &str) {
        self.browser.click(&format!("[data-screen={screen}]"));
        let there = format!("!!document.querySelector('[data-screen={screen}][aria-current=page]')");
        self.browser.wait(&format!("the screen {screen} is shown"), &format!("{there} && {SCREEN_CAME}"));
    }

    /// Connects a port and answers with the key of the meter that is new.
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
            // Whoever knows what they have says so behind a fold.
            let open = "document.querySelector('details.kinds').open = true";
            self.browser.wait("the kinds of ports are shown", open);
        })
    }

    /// Reads the meter behind a bridge at that address and answers with its key.
    #[must_use]
    pub fn bridge(&self, url: &str) -> String {
        self.add("[data-action=bridge]", || self.browser.enter("[name=bridge-url]", url))
    }

    /// Has a meter asked every so many seconds from now on.
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

    /// Starts a simulated meter and answers with its key.
    #[must_use]
    pub fn simulate(&self, model: Model) -> String {
        self.add(&format!("[data-action=simulate][data-model={:?}]", model.name()), || {})
    }

    /// Forgets a meter, and says yes when asked.
    pub fn remove(&self, meter: &str) {
        let card = format!("article[data-meter={meter:?}]");
        self.browser.click(&format!("{card} [data-action=remove]"));
        let gone = format!("!document.querySelector({card:?})");
        self.browser.wait(&format!("meter {meter} is gone"), &gone);
    }

    /// Stops reading a meter and starts again.
    pub fn read_anew(&self, meter: &str) {
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

    /// What a meter's card shows; `None` where there is none.
    #[must_use]
    pub fn card(&self, meter: &str) -> Option<Card> {
        let card = self.browser.evaluate(&format!("({CARD})({meter:?})"));
        if card.is_null() { None } else { Some(serde_json::from_value(card).expect("a card has its marks")) }
    }

    /// Waits until a meter's card shows what is asked for; `what` says it in words.
    ///
    /// # Panics
    /// It does not.
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

    /// Saves the whole log as JSON Lines; a reading a line.
    ///
    /// # Panics
    /// A line is no JSON.
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

    /// Saves the whole log in a form, a table with rows of that resolution.
    ///
    /// # Panics
    /// The file is no text.
    #[must_use]
    pub fn save(&self, form: &str, resolution: &str) -> String {
        String::from_utf8(self.save_octets(form, resolution)).expect("the form is UTF-8")
    }

    /// The same in a form that is no text.
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

    /// Chooses from a list.
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

    /// Forwards every reading to a broker, and waits until that has accepted us.
    pub fn forward(&self, url: &str) {
        self.go("forward");
        self.browser.enter("[name=broker-url]", url);
        self.browser.click("[data-action=forward-save]");
        self.wait_forwarded("connected", "true");
        self.go("live");
    }

    /// Waits on the forward screen for a state of the connection and a condition on `waiting`, the readings that the
    /// broker has not acknowledged.
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

    /// Lets go of the page's browser.
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

    /// Waits until the engine is up.
    pub fn wait_ready(&self) {
        self.browser.wait("the engine is ready", "document.body?.dataset.engine === 'ready'");
    }
}

/// A function from a meter's key to its [`Card`].
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

/// Whether the screen is there, and not still being fetched.
const SCREEN_CAME: &str = "!document.querySelector('[data-screen-state=coming]')";
