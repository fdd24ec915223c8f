//! Input by the user: the wheel, dragging, fingers, and keys.

use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Turns the wheel with the pointer over the element that a selector finds. `share` is the horizontal position on
    /// the element, from 0 to 1.
    pub fn turn(&self, selector: &str, share: f64, pixels: i32) {
        let (x, y) = self.place(selector, share);
        self.call(
            "Input.dispatchMouseEvent",
            json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": pixels }),
        );
    }

    /// Moves the pointer over the element that a selector finds, to that share of its width.
    pub fn point(&self, selector: &str, share: f64) {
        let (x, y) = self.place(selector, share);
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// Drags across the element that a selector finds, with or without Shift. `from` and `to` are shares of its width.
    pub fn drag(&self, selector: &str, from: f64, to: f64, with_shift: bool) {
        let shares: Vec<f64> = (0..=8).map(|step| from + (to - from) * f64::from(step) / 8.0).collect();
        self.drag_with(selector, &shares, if with_shift { 8 } else { 0 });
    }

    /// Presses the button at the first of these shares of the element's width, moves to all others, and releases it.
    pub fn drag_along(&self, selector: &str, shares: &[f64]) {
        self.drag_with(selector, shares, 0);
    }

    fn drag_with(&self, selector: &str, shares: &[f64], modifiers: u32) {
        let event = |kind: &str, share: f64| {
            let (x, y) = self.place(selector, share);
            self.call(
                "Input.dispatchMouseEvent",
                json!({
                    "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
                    "modifiers": modifiers,
                }),
            );
        };
        let [first, others @ ..] = shares else { return };
        event("mousePressed", *first);
        others.iter().for_each(|share| event("mouseMoved", *share));
        event("mouseReleased", *others.last().unwrap_or(first));
    }

    /// Drags a finger across the element that a selector finds. `from` and `to` are shares of its width.
    pub fn swipe(&self, selector: &str, from: f64, to: f64) {
        self.touch("touchStart", selector, &[from]);
        self.glide(selector, &[from], &[to]);
        self.touch("touchEnd", selector, &[]);
    }

    /// Holds a finger still until a script sees the effect, then drags with it.
    pub fn hold(&self, selector: &str, from: f64, to: f64, script: &str) {
        self.touch("touchStart", selector, &[from]);
        self.wait("the finger is held for long enough", script);
        self.glide(selector, &[from], &[to]);
        self.touch("touchEnd", selector, &[]);
    }

    /// Moves two fingers over the element that a selector finds. `from` and `to` are shares of its width.
    pub fn pinch(&self, selector: &str, from: [f64; 2], to: [f64; 2]) {
        self.touch("touchStart", selector, &from[..1]);
        self.touch("touchStart", selector, &from);
        self.glide(selector, &from, &to);
        self.touch("touchEnd", selector, &[]);
    }

    fn glide(&self, selector: &str, from: &[f64], to: &[f64]) {
        for step in 1..=8 {
            let share = f64::from(step) / 8.0;
            let shares: Vec<f64> = from.iter().zip(to).map(|(from, to)| from + (to - from) * share).collect();
            self.touch("touchMove", selector, &shares);
        }
    }

    /// Sends a touch event with all fingers that are down, each at a share of the element's width.
    fn touch(&self, kind: &str, selector: &str, shares: &[f64]) {
        let finger = |(id, share): (usize, &f64)| {
            let (x, y) = self.place(selector, *share);
            json!({ "x": x, "y": y, "id": id })
        };
        let points: Vec<Value> = shares.iter().enumerate().map(finger).collect();
        self.call("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points }));
    }

    /// Presses a key while the element that a selector finds has the focus.
    pub fn press(&self, selector: &str, key: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).focus()"));
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key }));
        }
    }

    /// The point at that share of the element's width and half its height, after scrolling it into view.
    fn place(&self, selector: &str, share: f64) -> (f64, f64) {
        let place = self.evaluate(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{ block: 'center' }});
                const box = it.getBoundingClientRect();
                return [box.left + box.width * {share}, box.top + box.height / 2]; }})()"
        ));
        (place[0].as_f64().unwrap_or_default(), place[1].as_f64().unwrap_or_default())
    }
}
