//! Screenshots of a page, for people to look at.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::Browser;
use crate::scene::target;

impl Browser {
    /// Takes screenshots of the whole page, narrow and wide, light and dark, into `target/pictures`.
    pub fn picture(&self, name: &str) {
        self.call("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        for (width, height) in [(360, 780), (1440, 900)] {
            self.show(width, height);
            // As tall as the content, so that elements fixed to the window's edge cover nothing.
            let tall = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"]["height"].as_u64();
            self.show(width, tall.and_then(|tall| u32::try_from(tall).ok()).unwrap_or(height));
            for scheme in ["light", "dark"] {
                self.prefer(scheme);
                self.photograph(&format!("{name}-{width}-{scheme}"));
            }
        }
        self.call("Emulation.setEmulatedMedia", json!({ "features": [] }));
        self.show(WIDTH, HEIGHT);
    }

    /// Takes a screenshot of a window of that size, light or dark, into that file.
    pub fn photograph_into(&self, file: &Path, (width, height): (u32, u32), scheme: &str) {
        self.call("Emulation.setScrollbarsHidden", json!({ "hidden": true }));
        self.show(width, height);
        self.prefer(scheme);
        self.save_picture(file);
        self.call("Emulation.setEmulatedMedia", json!({ "features": [] }));
        self.show(WIDTH, HEIGHT);
    }

    /// Sets the colours that the user prefers, `light` or `dark`, until the next screenshot.
    pub fn prefer(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Sets the window's size, in CSS pixels, until the next screenshot.
    pub fn resize(&self, width: u32, height: u32) {
        self.show(width, height);
    }

    /// Sets how many device pixels a CSS pixel has in each direction, until the next screenshot.
    pub fn set_pixel_ratio(&self, ratio: u32) {
        self.show_at(WIDTH, HEIGHT, ratio);
    }

    /// Sets the window's size, in CSS pixels.
    pub(super) fn show(&self, width: u32, height: u32) {
        self.show_at(width, height, 1);
    }

    fn show_at(&self, width: u32, height: u32, ratio: u32) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    fn photograph(&self, name: &str) {
        let folder = target().join("pictures");
        fs::create_dir_all(&folder).expect("the target directory can be written");
        self.save_picture(&folder.join(format!("{name}.png")));
    }

    fn save_picture(&self, file: &Path) {
        // After a change of size or scheme, charts are redrawn in the next frame.
        self.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))",
        );
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let octets = BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default());
        let octets = octets.expect("a picture comes in base 64");
        fs::write(file, octets).expect("the pictures can be written");
    }
}

/// The window's size while no screenshot is taken.
pub(super) const WIDTH: u32 = 1280;
pub(super) const HEIGHT: u32 = 900;
