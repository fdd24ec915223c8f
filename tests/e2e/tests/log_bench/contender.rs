//! [`Contender`]: a page that stores readings in its own way, and its answers to tasks.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use metertap_e2e::{Browser, Scene, Site};
use serde_json::Value;

/// One of the two pages. Each has its own origin, and so its own database.
pub(crate) struct Contender<'a> {
    name: &'static str,
    browser: &'a Browser,
    site: Site,
    folder: PathBuf,
    /// The most memory seen, in bytes: JavaScript heap with buffers, and wasm memory.
    most_memory: Cell<(f64, f64)>,
}

pub(crate) struct Picture {
    pub(crate) range: (f64, f64),
    pub(crate) milliseconds: f64,
    /// The lowest and highest value of each column, in turn.
    pub(crate) columns: Value,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: &'static str, browser: &'a Browser, scene: &Scene, site: Site) -> Self {
        let folder = scene.path("profile/Default/IndexedDB");
        Self { name, browser, site, folder, most_memory: Cell::default() }
    }

    /// Opens the page, without memory that an earlier page still holds.
    pub(crate) fn open(&self) {
        self.browser.open("about:blank");
        self.browser.open(&format!("{}/index.html?who={}", self.site.url(), self.name));
        self.browser.wait("the page is there", "globalThis.ready");
    }

    /// Runs a task, and measures the memory at its end.
    pub(crate) fn ask(&self, task: &str, words: &[f64]) -> Value {
        let answer = self.answer(task, words);
        self.look(answer["wasm"].as_f64().unwrap_or_default());
        answer
    }

    /// Runs a task, and measures the memory from time to time.
    fn answer(&self, task: &str, words: &[f64]) -> Value {
        self.browser.evaluate(&format!("begin({task:?}, ...{words:?})"));
        let (begun, mut looked) = (Instant::now(), Instant::now());
        let answered = loop {
            if looked.elapsed() > LOOKS_APART {
                self.look(0.0);
                looked = Instant::now();
            }
            // Each question takes time in the browser and distorts the measurement. The page therefore answers only
            // when the task is done, or after a while.
            let answered = self.browser.evaluate(&format!("answered({TELLS_WITHIN})"));
            if !answered.is_null() {
                break answered;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: {task} takes longer than an hour", self.name);
        };
        let answer = answered["answer"].clone();
        assert!(!answer.is_null(), "{}: {task}: {}", self.name, answered["error"]);
        answer
    }

    /// Draws a chart in the page that is open.
    pub(crate) fn picture(&self, range: (f64, f64)) -> Picture {
        let answer = self.answer("picture", &[range.0, range.1]);
        let milliseconds = answer["milliseconds"].as_f64().expect("a picture takes some time");
        Picture { range, milliseconds, columns: answer["columns"].clone() }
    }

    /// The time in milliseconds from opening the page to the first chart.
    pub(crate) fn draw_at_once(&self, (from, to): (f64, f64)) -> f64 {
        let url = format!("{}/index.html?who={}&from={from}&to={to}", self.site.url(), self.name);
        self.browser.open("about:blank");
        self.browser.open(&url);
        let drawn = self.browser.wait_long("the picture is drawn", PATIENCE, "globalThis.drawn");
        drawn.as_f64().expect("it says when")
    }

    /// The size of the contender's database on the disk, in bytes.
    pub(crate) fn octets_on_disk(&self) -> f64 {
        let port = format!("_{}.", self.site.port());
        let stores = fs::read_dir(&self.folder).expect("the browser keeps its databases there").flatten();
        let its = stores.filter(|store| store.file_name().to_string_lossy().contains(&port));
        its.map(|store| octets(&store.path())).sum::<u64>() as f64
    }

    /// The largest JavaScript heap that was seen, plus the largest wasm memory.
    pub(crate) fn most_memory(&self) -> f64 {
        let (objects, wasm) = self.most_memory.get();
        objects + wasm
    }

    fn look(&self, wasm: f64) {
        let heaps = self.browser.heaps();
        let (most, most_wasm) = self.most_memory.get();
        self.most_memory.set((most.max((heaps.objects + heaps.buffers) as f64), most_wasm.max(wasm)));
    }
}

fn octets(path: &Path) -> u64 {
    match fs::read_dir(path) {
        Ok(folder) => folder.flatten().map(|entry| octets(&entry.path())).sum(),
        Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
    }
}

const PATIENCE: Duration = Duration::from_secs(3600);
/// Milliseconds after which the page answers, even if the task is not done.
const TELLS_WITHIN: u32 = 5000;
const LOOKS_APART: Duration = Duration::from_secs(10);
