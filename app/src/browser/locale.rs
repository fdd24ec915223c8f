//! Numbers, dates and times in the format of the user's language; the local day; the name of the time zone.

use std::cell::RefCell;

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Writes numbers and dates in this language from now on, and names it in the page's `lang` attribute. If the browser's
/// languages contain a variant of it, such as `de-AT`, numbers and dates follow the variant.
pub fn speak(code: &str) {
    let asked = web_sys::window().map(|window| window.navigator().languages()).unwrap_or_default();
    let is_its = |tag: &String| tag.split('-').next() == Some(code);
    let tag = asked.iter().filter_map(|tag| tag.as_string()).find(is_its);
    TAG.set(tag.unwrap_or_else(|| code.to_owned()));
    FORMATS.take();
    let page =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.document_element());
    if let Some(page) = page {
        drop(page.set_attribute("lang", code));
    }
}

fn language() -> Array {
    let tag = TAG.with_borrow(String::clone);
    if tag.is_empty() { Array::new() } else { Array::of1(&tag.into()) }
}

/// The browser's time zone by its IANA name; `None` if the browser does not reveal it.
#[must_use]
pub fn zone() -> Option<String> {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

/// How far a time zone is from UTC at any moment.
#[derive(Clone, Debug)]
pub struct ZoneClock(Function);

impl ZoneClock {
    /// The clock of the zone with this IANA name; `None` if the browser does not know the zone.
    #[must_use]
    pub fn of(zone: &str) -> Option<Self> {
        let chosen = Object::new();
        for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
            drop(Reflect::set(&chosen, &name.into(), &value.into()));
        }
        // The constructor throws if the zone is unknown.
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let format: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
        let arguments = Array::of2(&"en-US".into(), &chosen);
        let format: Intl::DateTimeFormat = Reflect::construct(&format, &arguments).ok()?.dyn_into().ok()?;
        Some(Self(format.format()))
    }

    /// How many minutes the zone is ahead of UTC at the moment `unix_milliseconds`. The browser writes the moment as
    /// `11/21/2026, GMT+01:00`, or with `GMT` alone at UTC. `None` if its text cannot be parsed.
    #[must_use]
    pub fn offset_minutes(&self, unix_milliseconds: i64) -> Option<i32> {
        let text = self.0.call1(&JsValue::UNDEFINED, date(unix_milliseconds).unchecked_ref()).ok()?;
        let text = text.as_string()?;
        let (_, offset) = text.rsplit_once("GMT")?;
        let (sign, digits) = match (offset.strip_prefix('+'), offset.strip_prefix(['-', '\u{2212}'])) {
            (Some(ahead), _) => (1, ahead),
            (_, Some(behind)) => (-1, behind),
            _ => return Some(0),
        };
        let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        Some(sign * (hours * 60 + minutes))
    }
}

/// The decimal sign.
#[must_use]
pub fn decimal_mark() -> char {
    let format = Intl::NumberFormat::new(&language(), &Object::new());
    let text = format.format().call1(&JsValue::UNDEFINED, &JsValue::from_f64(1.5));
    text.ok()
        .and_then(|text| text.as_string())
        .and_then(|text| text.chars().find(|mark| matches!(mark, '.' | ',' | '٫')))
        .unwrap_or('.')
}

/// Formats the date and the time of day.
#[must_use]
pub fn date_time(unix_milliseconds: i64) -> String {
    written(unix_milliseconds, &[("dateStyle", "medium"), ("timeStyle", "medium")])
}

/// Formats the time of day alone.
#[must_use]
pub fn clock(unix_milliseconds: i64) -> String {
    written(unix_milliseconds, &[("timeStyle", "medium")])
}

/// The start of the local day that is `days` days before the day of `unix_milliseconds`, in milliseconds since 1970.
#[must_use]
pub fn midnight(unix_milliseconds: i64, days: u32) -> i64 {
    let date = date(unix_milliseconds);
    date.set_hours(0);
    date.set_minutes(0);
    date.set_seconds(0);
    date.set_milliseconds(0);
    date.set_date(date.get_date().wrapping_sub(days));
    milliseconds(date.get_time()).unwrap_or(unix_milliseconds)
}

/// The start of a local day such as `2026-11-21`, in milliseconds since 1970; `None` if there is no such day.
#[must_use]
pub fn day(text: &str) -> Option<i64> {
    // With a time of day and without a zone, `Date` parses local time.
    milliseconds(Date::new(&format!("{text}T00:00:00").into()).get_time())
}

/// Formats the range from `from` to `to`, in milliseconds since 1970, with these options of `Intl.DateTimeFormat`. If
/// `from` and `to` are written alike, the text is that of one moment.
#[must_use]
pub fn span(options: Options, from: i64, to: i64) -> String {
    let format = FORMATS.with_borrow_mut(|formats| {
        // A table writes hundreds of dates, and a format takes longer to make than to use.
        let is_it = |(known, _): &&(Options, Intl::DateTimeFormat)| *known == options;
        if let Some((_, format)) = formats.iter().find(is_it) {
            return format.clone();
        }
        let format = format(options);
        formats.push((options, format.clone()));
        format
    });
    let range = Reflect::get(&format, &"formatRange".into()).ok().and_then(|range| range.dyn_into().ok());
    let range: Option<Function> = range;
    range
        .and_then(|range| range.call2(&format, date(from).unchecked_ref(), date(to).unchecked_ref()).ok())
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn written(unix_milliseconds: i64, options: &[(&str, &str)]) -> String {
    format(options)
        .format()
        .call1(&JsValue::UNDEFINED, date(unix_milliseconds).unchecked_ref())
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn format(options: &[(&str, &str)]) -> Intl::DateTimeFormat {
    let chosen = Object::new();
    for (name, value) in options.iter().chain(&[FROM_0_TO_23]) {
        drop(Reflect::set(&chosen, &(*name).into(), &(*value).into()));
    }
    Intl::DateTimeFormat::new(&language(), &chosen)
}

/// Charts, exported files and meters count hours from 0 to 23, so texts do as well.
const FROM_0_TO_23: (&str, &str) = ("hourCycle", "h23");

/// Options of a format by name.
pub type Options = &'static [(&'static str, &'static str)];

#[allow(clippy::cast_precision_loss, reason = "dates are far below 2^53 milliseconds")]
fn date(unix_milliseconds: i64) -> Date {
    Date::new(&JsValue::from_f64(unix_milliseconds as f64))
}

/// Dates are whole milliseconds well below 2⁵³.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
fn milliseconds(time: f64) -> Option<i64> {
    time.is_finite().then_some(time as i64)
}

thread_local! {
    /// The language tag (BCP 47); empty for the browser's own.
    static TAG: RefCell<String> = const { RefCell::new(String::new()) };
    /// The formats made so far for this language.
    static FORMATS: RefCell<Vec<(Options, Intl::DateTimeFormat)>> = const { RefCell::new(Vec::new()) };
}
