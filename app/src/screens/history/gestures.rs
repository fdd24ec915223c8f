//! [`Gestures`]: dragging, pinching, holding a finger, turning a wheel and pressing keys on a chart.

use std::time::Duration;

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::prelude::*;
use leptos::tachys::renderer::types::Element;
use metertap_readings::entry::Moment;
use metertap_readings::history::calendar::Span;
use metertap_readings::view::chart::{Margin, Room};

use super::state::{State, whole};
use super::view::When;
use crate::parts::chart_canvas::Pointed;

/// The gestures on charts that share an axis of time.
#[derive(Clone, Copy)]
pub struct Gestures {
    state: State,
    /// The pointers that are down, with their positions.
    pointers: StoredValue<Vec<(i32, f64)>>,
    grip: StoredValue<Option<Grip>>,
    /// Changes with every action that rules out a long press.
    hold: StoredValue<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Grip {
    /// The chart: the position where it was grabbed, its span at that time, and how far the pointer may move before the
    /// chart follows.
    Picture { at: f64, span: Span, still: f64 },
    /// The crosshair, after a long press.
    Crosshair,
    /// The end of a stretch that begins at this moment.
    Stretch(Moment),
    /// The chart with two fingers: their distance, the moment between them, and the chart's span at the start.
    Pinch { apart: f64, around: Moment, span: Span },
}

impl Gestures {
    /// Gestures that change this view.
    #[must_use]
    pub fn new(state: State) -> Self {
        Self {
            state,
            pointers: StoredValue::new(Vec::new()),
            grip: StoredValue::new(None),
            hold: StoredValue::new(0),
        }
    }

    /// Handles a pointer event on a chart.
    pub fn point(self, what: Pointed, event: &PointerEvent) {
        let (id, x) = (event.pointer_id(), event.offset_x());
        let is_finger = event.pointer_type() == "touch";
        match what {
            Pointed::Down => {
                let target: Element = event_target(event);
                // A browser that cannot capture the pointer still sends moves within the chart.
                drop(target.set_pointer_capture(id));
                self.pointers.update_value(|pointers| pointers.push((id, x)));
                self.take_hold(x, event.shift_key(), if is_finger { FINGER_STILL } else { STILL });
                if is_finger {
                    self.wait_for_long_press(x);
                }
            }
            Pointed::Moved => {
                self.pointers.update_value(|pointers| {
                    pointers.iter_mut().filter(|(known, _)| *known == id).for_each(|(_, at)| *at = x);
                });
                // A finger that drags the chart covers the place that the crosshair would read.
                if !is_finger || matches!(self.grip.get_value(), Some(Grip::Crosshair)) {
                    self.state.cursor.set(Some(self.moment(x)));
                }
                self.drag(x);
            }
            Pointed::Up => {
                self.pointers.update_value(|pointers| pointers.retain(|(known, _)| *known != id));
                self.is_no_long_press();
                self.grip.set_value(None);
                // If one of two fingers is lifted, the other one goes on dragging.
                if let [(_, x)] = self.pointers.get_value().as_slice() {
                    self.take_hold(*x, false, FINGER_STILL);
                }
            }
            // The user reads the values after lifting the finger, so the crosshair stays.
            Pointed::Left if is_finger => {}
            Pointed::Left => {
                if self.pointers.with_value(Vec::is_empty) {
                    self.state.cursor.set(None);
                }
            }
        }
    }

    /// Switches from dragging the chart to moving the crosshair, if the finger stays where it is.
    fn wait_for_long_press(self, x: f64) {
        self.is_no_long_press();
        let number = self.hold.get_value();
        let is_held = move || {
            // The screen may be gone by now, and its values with it.
            let is_same = self.hold.try_get_value() == Some(number);
            is_same && matches!(self.grip.try_get_value().flatten(), Some(Grip::Picture { .. }))
        };
        set_timeout(
            move || {
                if is_held() {
                    self.grip.set_value(Some(Grip::Crosshair));
                    self.state.cursor.set(Some(self.moment(x)));
                }
            },
            LONG_PRESS,
        );
    }

    fn is_no_long_press(self) {
        self.hold.update_value(|hold| *hold = hold.wrapping_add(1));
    }

    fn take_hold(self, x: f64, with_shift: bool, still: f64) {
        let span = untrack(move || self.state.span());
        let grip = match self.pointers.get_value().as_slice() {
            [(_, one), (_, other)] => Grip::Pinch {
                apart: (one - other).abs().max(1.0),
                around: self.moment(f64::midpoint(*one, *other)),
                span,
            },
            _ if with_shift || self.state.marking.get_untracked() => Grip::Stretch(self.moment(x)),
            _ => Grip::Picture { at: x, span, still },
        };
        self.grip.set_value(Some(grip));
    }

    fn drag(self, x: f64) {
        match self.grip.get_value() {
            Some(Grip::Picture { at, span, still }) if (x - at).abs() >= still => {
                self.is_no_long_press();
                let by = whole((at - x) / self.wide() * span.length() as f64);
                self.state.look_at(Span { from: Moment(span.from.0 + by), to: Moment(span.to.0 + by) });
                // Once the drag has begun, it follows every pixel.
                self.grip.set_value(Some(Grip::Picture { at, span, still: 0.0 }));
            }
            Some(Grip::Stretch(from)) => {
                let to = self.moment(x);
                let stretch = Span { from: from.min(to), to: from.max(to) };
                self.state.marked.set(Some(stretch).filter(|stretch| stretch.length() > 0));
            }
            Some(Grip::Pinch { apart, around, span }) => {
                if let [(_, one), (_, other)] = self.pointers.get_value().as_slice() {
                    let by = apart / (one - other).abs().max(1.0);
                    let middle = self.share(f64::midpoint(*one, *other));
                    self.state.put(around, middle, span.length() as f64 * by);
                }
            }
            Some(Grip::Picture { .. } | Grip::Crosshair) | None => {}
        }
    }

    /// Handles a wheel, which zooms at the pointer. Turned sideways or with Shift, it moves the chart.
    pub fn turn(self, event: &WheelEvent) {
        event.prevent_default();
        // Firefox counts lines where other browsers count pixels.
        let unit = if event.delta_mode() == 0 { 1.0 } else { 30.0 };
        let (sideways, along) = (event.delta_x() * unit, event.delta_y() * unit);
        if sideways.abs() > along.abs() || event.shift_key() {
            let by = if sideways == 0.0 { along } else { sideways };
            self.state.pan(by / self.wide());
        } else {
            self.state.zoom(self.moment(event.offset_x()), (along * 0.002).exp());
        }
    }

    /// Handles keys, which can do everything that pointers can.
    pub fn press(self, event: &KeyboardEvent) {
        let element: Element = event_target(event);
        // Fields and buttons handle these keys themselves.
        let tag = element.tag_name();
        if matches!(tag.as_str(), "SELECT" | "INPUT") || (tag == "BUTTON" && event.key() == "Enter") {
            return;
        }
        let state = self.state;
        let span = untrack(move || state.span());
        let held = untrack(move || state.contents().and_then(|contents| contents.span));
        let middle = Moment(span.from.0 + span.length() / 2);
        let around = state.cursor.get_untracked().unwrap_or(middle);
        match event.key().as_str() {
            "ArrowLeft" | "ArrowRight" => {
                let step = whole(span.length() as f64 / self.wide()) * if event.ctrl_key() { 20 } else { 4 };
                let by = if event.key() == "ArrowLeft" { -step } else { step };
                let to = Moment((around.0 + by).clamp(span.from.0, span.to.0 - 1));
                state.cursor.set(Some(to));
                if event.shift_key() {
                    self.extend(around, to);
                }
            }
            "+" | "=" => state.zoom(around, 0.5),
            "-" => state.zoom(around, 2.0),
            "," => state.pan(-0.1),
            "." => state.pan(0.1),
            "Enter" => {
                if let Some(marked) = state.marked.get_untracked() {
                    state.go(marked);
                }
            }
            "PageUp" => state.go(span.before(state.zone())),
            "PageDown" => state.go(span.after(state.zone())),
            "Home" => move_to(state, span, held.map(|held| held.from)),
            "End" => move_to(state, span, held.map(|held| Moment(held.to.0 - span.length()))),
            "0" => state.jump(When::All),
            "Escape" => {
                state.marked.set(None);
                state.cursor.set(None);
            }
            _ => return,
        }
        event.prevent_default();
    }

    /// Extends the marked stretch from where the crosshair was.
    fn extend(self, from: Moment, to: Moment) {
        let marked = self.state.marked.get_untracked();
        let fixed = match marked {
            Some(Span { from: start, to: end }) if end == from => start,
            Some(Span { from: start, to: end }) if start == from => end,
            _ => from,
        };
        let stretch = Span { from: fixed.min(to), to: fixed.max(to) };
        self.state.marked.set(Some(stretch).filter(|stretch| stretch.length() > 0));
    }

    /// The moment at a position in a chart, in CSS pixels from its left edge.
    pub fn moment(self, x: f64) -> Moment {
        let span = untrack(move || self.state.span());
        Moment(span.from.0 + whole(self.share(x) * span.length() as f64))
    }

    /// The share of the plot to the left of a position.
    fn share(self, x: f64) -> f64 {
        ((x - f64::from(self.room().left)) / self.wide()).clamp(0.0, 1.0)
    }

    fn wide(self) -> f64 {
        let room = self.room();
        f64::from((room.right - room.left).max(1))
    }

    fn room(self) -> Room {
        room(self.state.width.get_untracked(), self.state.margin.get_untracked())
    }
}

fn move_to(state: State, span: Span, from: Option<Moment>) {
    if let Some(from) = from {
        state.look_at(Span { from, to: Moment(from.0 + span.length()) });
    }
}

/// The room that the plot takes in a chart of this width in CSS pixels.
pub fn room(width: u32, margin: Margin) -> Room {
    Room::of((width, 100), 1.0, margin)
}

/// The position of a moment in a chart of this span, in CSS pixels from its left edge; `None` outside the plot.
pub fn place(moment: Moment, span: Span, room: Room) -> Option<f64> {
    let share = (moment.0 - span.from.0) as f64 / span.length().max(1) as f64;
    let wide = f64::from(room.right - room.left);
    (0.0..=1.0).contains(&share).then_some(f64::from(room.left) + share * wide)
}

/// How many CSS pixels a pointer may move before it drags.
const STILL: f64 = 4.0;
/// How many CSS pixels a finger may move before it drags.
const FINGER_STILL: f64 = 10.0;
/// How long a finger must stay where it is to move the crosshair.
const LONG_PRESS: Duration = Duration::from_millis(500);
