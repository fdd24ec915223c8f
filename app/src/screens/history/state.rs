//! [`State`]: the view of the History screen, as signals that its parts share.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use metertap_decoder::time::Zone;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::{Period, Span};
use metertap_readings::history::question::{Answer, Contents, Question};
use metertap_readings::store::MeterKey;
use metertap_readings::view::chart::Margin;

use super::view::{Asked, Compare, Series, View, When};
use crate::model::{Action, Actions, Locale, PageModel};
use crate::parts::lookup::{Known, follow};

/// The view of the History screen.
#[derive(Clone, Copy)]
pub struct State {
    /// The meter.
    pub meter: RwSignal<MeterKey>,
    /// The time.
    pub when: RwSignal<When>,
    /// Follows `when` once the user has stopped moving the chart.
    rested: RwSignal<When>,
    /// What it is compared with.
    pub compare: RwSignal<Compare>,
    /// The curves that were added.
    pub added: RwSignal<Vec<Series>>,
    /// The curves that are switched off.
    pub off: RwSignal<Vec<Series>>,
    /// The stretch that is marked.
    pub marked: RwSignal<Option<Span>>,
    /// The day that was last chosen. Other lengths of time are shown around it while it lies in view.
    pub anchor: RwSignal<Option<Moment>>,
    /// Where the crosshair is.
    pub cursor: RwSignal<Option<Moment>>,
    /// Whether dragging marks a stretch instead of moving the chart.
    pub marking: RwSignal<bool>,
    /// The width of the charts in CSS pixels.
    pub width: RwSignal<u32>,
    /// What all charts leave room for on the right.
    pub margin: RwSignal<Margin>,
    /// The computer's clock.
    pub now: RwSignal<Moment>,
    /// How numbers are written, and the time zone of days.
    pub locale: Locale,
    /// What the log holds.
    contents: Signal<Option<Arc<Known>>>,
}

impl State {
    /// The state of a view of a meter; without a time, it shows today.
    pub fn new(meter: MeterKey, asked: Asked) -> Self {
        let Asked { when, compare, added, off, .. } = asked;
        let (locale, now) = (Locale::of_context(), expect_context::<PageModel>().now);
        let today = || Period::Day.around(now.get_untracked(), locale.zone).map(When::Fixed);
        let (meter, looked) = (RwSignal::new(meter), StoredValue::new(0));
        let when = when.or_else(today).unwrap_or(When::All);
        let state = Self {
            meter,
            when: RwSignal::new(when),
            rested: RwSignal::new(when),
            compare: RwSignal::new(compare),
            added: RwSignal::new(added),
            off: RwSignal::new(off),
            marked: RwSignal::new(None),
            anchor: RwSignal::new(None),
            cursor: RwSignal::new(None),
            marking: RwSignal::new(false),
            width: RwSignal::new(0),
            margin: RwSignal::new(Margin::None),
            now,
            locale,
            contents: follow(meter.into(), move |known| {
                // A log's contents are looked up again every quarter-hour.
                let quarter = now.get().0.div_euclid(900_000);
                let is_new = known.is_none() || looked.get_value() != quarter;
                looked.set_value(quarter);
                is_new.then_some(Question::Contents)
            }),
        };
        state.keep_address();
        state.follow_rests();
        state
    }

    /// The same view, but its time changes only when the user stops moving the chart. This is for parts that take
    /// longer than a frame allows, and that nobody reads while the chart moves. Such a part must not set the time.
    #[must_use]
    pub const fn at_rest(self) -> Self {
        Self { when: self.rested, ..self }
    }

    /// The time zone of days and hours.
    #[must_use]
    pub const fn zone(self) -> Zone {
        self.locale.zone
    }

    /// The same view of another meter.
    #[must_use]
    pub fn of_meter(self, meter: MeterKey) -> Self {
        Self { meter: RwSignal::new(meter), ..self }
    }

    /// What the log holds; `None` until that is known.
    pub fn contents(self) -> Option<Contents> {
        self.contents.with(|known| match known.as_ref().map(|known| &known.answer) {
            Some(Answer::Contents(contents)) => Some(contents.clone()),
            _ => None,
        })
    }

    /// The span in view.
    pub fn span(self) -> Span {
        match self.when.get() {
            When::Fixed(span) => span,
            When::Following(length) => {
                // A chart that follows the clock moves on pixel by pixel.
                let step = (length / i64::from(self.width.get().max(100))).max(1000);
                let to = (self.now.get().0 / step + 1) * step;
                Span { from: Moment(to - length), to: Moment(to) }
            }
            When::All => {
                let held = self.contents().and_then(|contents| contents.span);
                held.unwrap_or_else(|| {
                    let now = self.now.get_untracked();
                    Period::Day.around(now, self.zone()).unwrap_or(Span { from: Moment(now.0 - 1), to: now })
                })
            }
        }
    }

    /// The span that the span in view is compared with.
    pub fn compared(self) -> Option<Span> {
        self.compare.get().span(self.span(), self.zone())
    }

    /// Goes to a span. If it is a day, this day becomes the `anchor`.
    pub fn go(self, span: Span) {
        if span.period(self.zone()) == Some(Period::Day) {
            self.anchor.set(Some(span.from));
        }
        self.jump(When::Fixed(span));
    }

    /// Goes to another time, and clears the marked stretch and the crosshair.
    pub fn jump(self, when: When) {
        self.marked.set(None);
        self.cursor.set(None);
        self.when.set(when);
    }

    /// Moves or zooms to a span. A span shorter than a minute or longer than 100 years is ignored.
    pub fn look_at(self, span: Span) {
        if (SHORTEST..=LONGEST).contains(&span.length()) {
            self.when.set(When::Fixed(span));
        }
    }

    /// Zooms around a moment: multiplies the length of the span by `by`.
    pub fn zoom(self, around: Moment, by: f64) {
        let span = untrack(move || self.span());
        let before = (around.0 - span.from.0) as f64 / span.length().max(1) as f64;
        self.put(around, before, span.length() as f64 * by);
    }

    /// Goes to a span of `length` milliseconds, with `moment` at this share of it: 0 is its start, 1 its end.
    pub fn put(self, moment: Moment, share: f64, length: f64) {
        let length = length.clamp(SHORTEST as f64, LONGEST as f64);
        let from = moment.0 - whole(share * length);
        self.look_at(Span { from: Moment(from), to: Moment(from + whole(length)) });
    }

    /// Moves by a share of the span.
    pub fn pan(self, share: f64) {
        let span = untrack(move || self.span());
        let by = whole(share * span.length() as f64);
        self.look_at(Span { from: Moment(span.from.0 + by), to: Moment(span.to.0 + by) });
    }

    /// A number that changes with the clock, less often for a longer span. For a span in the past or in the future, it
    /// stays the same.
    pub fn tick(self) -> i64 {
        let span = self.span();
        let step = (span.length() / 500).max(5000);
        if span.to.0 + step > self.now.get().0 && span.from <= self.now.get() {
            self.now.get().0 / step
        } else {
            0
        }
    }

    /// Keeps `rested` up to date. A change after a pause, such as a click, is followed at once.
    fn follow_rests(self) {
        let (changes, is_moving) = (StoredValue::new(0_u32), StoredValue::new(false));
        Effect::new(move |_| {
            let when = self.when.get();
            let change = changes.get_value().wrapping_add(1);
            changes.set_value(change);
            if !is_moving.get_value() {
                self.rest_at(when);
                is_moving.set_value(true);
            }
            set_timeout(
                move || {
                    // The screen may have gone in the meantime, and its values with it.
                    if changes.try_get_value() == Some(change) {
                        is_moving.set_value(false);
                        self.rest_at(when);
                    }
                },
                REST,
            );
        });
    }

    fn rest_at(self, when: When) {
        if self.rested.get_untracked() != when {
            self.rested.set(when);
        }
    }

    fn keep_address(self) {
        let actions = expect_context::<Actions>();
        let timer = StoredValue::new(0_u32);
        Effect::new(move |_| {
            let view = View {
                meter: self.meter.get(),
                when: self.when.get(),
                compare: self.compare.get(),
                added: self.added.get(),
                off: self.off.get(),
            };
            // Browsers refuse to change the address with every move of a finger.
            let number = timer.get_value().wrapping_add(1);
            timer.set_value(number);
            let zone = self.zone();
            set_timeout(
                move || {
                    if timer.try_get_value() == Some(number) {
                        actions.run(Action::Address(view.screen(zone)));
                    }
                },
                Duration::from_millis(300),
            );
        });
    }
}

/// The nearest whole number.
#[allow(clippy::cast_possible_truncation, reason = "moments are far below what a float holds exactly")]
pub fn whole(number: f64) -> i64 {
    number.round() as i64
}

/// How long the time in view must stay the same before parts at rest follow it.
const REST: Duration = Duration::from_millis(100);
/// The shortest and the longest span in view, in milliseconds.
const SHORTEST: i64 = 60_000;
const LONGEST: i64 = 100 * 365 * 86_400_000;
