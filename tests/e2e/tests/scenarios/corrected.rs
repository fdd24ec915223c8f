//! Corrections by the user: a span that sums leave out, which is then taken back, and readings typed by hand.

use std::fs;
use std::time::Duration;

use metertap_e2e::year::Truth;
use metertap_e2e::{Browser, Page, Scene, serve};

#[test]
fn a_span_is_left_out_and_taken_back_and_only_possible_readings_are_typed() {
    let (scene, site) = (Scene::new("corrected"), serve());
    let page = Page::open(Browser::start_in(&scene, &site.url(), "Europe/Oslo"), &site.url());
    let browser = page.browser();
    let (file, many) = (scene.path("year.jsonl"), Duration::from_secs(180));
    fs::write(&file, Truth::new().lines()).expect("a file is written");
    page.go("data");
    browser.choose("[name=import]", &file);
    let seen = "document.querySelector('[data-count=import-new]')?.dataset.value > 0";
    browser.wait_long("the file is read", many, seen);
    browser.click("[data-action=import]");
    browser.wait_long("it is imported", many, "!!document.querySelector('[data-import=complete]')");
    page.go("history");
    browser.wait("it is shown", &format!("!!{IMPORT}"));
    browser.wait("the last day is shown", &format!("{IMPORT} > 0"));
    let last = browser.evaluate(IMPORT);
    browser.click("[data-action=earlier]");
    let day = browser.evaluate("document.querySelector('input[name=day]').value");
    let day = day.as_str().unwrap_or_default().to_owned();
    // The record ends within the last day, so the whole day before it has a larger sum. Until the page shows the whole
    // day, it still shows the sum of the last day.
    browser.wait("a whole day is shown", &format!("{IMPORT} > {last}"));
    let before = browser.evaluate(IMPORT);
    browser.evaluate("void document.querySelector('[data-part=correct] summary').click()");
    browser.wait("there are forms", "!!document.querySelector('[data-form=leave-out]')");

    set(browser, "left-out-from", &format!("{day}T06:00"));
    set(browser, "left-out-until", &format!("{day}T18:00"));
    browser.enter("[name=left-out-why]", "Guests");
    browser.click("[data-action=leave-out]");
    let listed = "document.querySelector('[data-correction=left-out]')?.innerText.includes('Guests')";
    browser.wait("it is listed", listed);
    browser.wait("the sum is smaller", &format!("{IMPORT} < {before}"));
    browser.wait("the chart shows where", "!!document.querySelector('.panels .left-out')");
    browser.picture("history-corrected");
    browser.click("[data-correction=left-out] [data-action=take-back]");
    browser.wait("the sum is what it was", &format!("{IMPORT} === {before}"));

    // A meter without a port.
    page.select("[name=typed-counter]", "new-3");
    browser.wait("it has a name", "document.querySelector('[name=typed-name]').checkVisibility()");
    type_in(browser, &format!("{day}T00:00"), "812.5");
    told(browser, "Saved.");
    browser.wait("it is a meter", "document.querySelectorAll('[data-action=meter] option').length === 2");
    let other = "[...document.querySelectorAll('[data-action=meter] option')].find((one) => one.innerText === 'Cellar').value";
    let other = browser.evaluate(other).as_str().unwrap_or_default().to_owned();
    page.select("[data-action=meter]", &other);
    browser.wait(
        "it says what was typed",
        "!!document.querySelector('[data-correction=typed][data-value=\"812.5\"]')",
    );
    type_in(browser, &format!("{day}T08:00"), "812");
    told(browser, "812.5");
    type_in(browser, "2099-01-01T00:00", "900");
    told(browser, "in the future");
    let rows = "document.querySelectorAll('[data-correction=typed]').length";
    assert_eq!(browser.evaluate(rows), 1, "no other reading was stored");
}

/// Types a reading for a meter, which is named Cellar if it is new.
fn type_in(browser: &Browser, at: &str, value: &str) {
    set(browser, "typed-at", at);
    browser.evaluate("void (document.querySelector('[name=typed-name]').value = 'Cellar')");
    browser.enter("[name=typed-value]", value);
    browser.click("[data-action=type]");
}

fn told(browser: &Browser, words: &str) {
    let said = format!("document.querySelector('[data-part=typed-problem]').innerText.includes({words:?})");
    browser.wait(&format!("it says {words:?}"), &said);
}

/// Sets the value of a field that has a picker.
fn set(browser: &Browser, name: &str, value: &str) {
    let script = format!(
        "(() => {{ const field = document.querySelector('[name={name}]'); field.value = {value:?};
            field.dispatchEvent(new Event('change', {{ bubbles: true }})); return field.value === {value:?}; }})()"
    );
    browser.wait("it is set", &script);
}

const IMPORT: &str =
    "Number(document.querySelector('.summary [data-quantity=active-energy-import]')?.dataset.value)";
