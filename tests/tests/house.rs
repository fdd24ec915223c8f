//! The project's own rules, those of ARCHITECTURE.md that the compiler does not check: which modules may know which
//! others, no cycles, and no file or function that is too long to read.

#[path = "house/circles.rs"]
mod circles;
#[path = "house/documents.rs"]
mod documents;
#[path = "house/engine.rs"]
mod engine;
#[path = "house/enums.rs"]
mod enums;
#[path = "house/lengths.rs"]
mod lengths;
#[path = "house/modules.rs"]
mod modules;
#[path = "house/names.rs"]
mod names;
#[path = "house/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use self::circles::circles;
use self::lengths::functions;
use self::modules::Modules;

/// A file or the files below a folder, and the names that they must not contain.
struct Rule {
    room: &'static str,
    must_not: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        room: "decoder/src/dialogue.rs",
        must_not: &[
            "crate::harmonise",
            "crate::pipeline",
            "crate::stack",
            "crate::kmp",
            "crate::iec62056",
            "crate::mbus",
        ],
        because: "what dialogues have in common belongs to no protocol",
    },
    Rule {
        room: "decoder/src/harmonise",
        must_not: &["crate::frame", "crate::pipeline", "crate::session", "crate::setup", "crate::stack"],
        because: "harmonising knows registers and tables, not where they came from",
    },
    Rule {
        room: "app/simulator/src",
        must_not: &[
            "metertap_decoder::session",
            "metertap_decoder::stack",
            "metertap_decoder::meter",
            "metertap_decoder::question",
            "metertap_decoder::schedule",
            "metertap_decoder::time",
        ],
        because: "with shared code, decoder and simulator could get a telegram wrong alike",
    },
    Rule {
        room: "app/readings/src",
        must_not: &["web_sys", "js_sys", "leptos", "tokio", "wasm_bindgen"],
        because: "decisions are tested without a browser",
    },
    Rule {
        room: "app/readings/src/store",
        must_not: &[
            "crate::log",
            "crate::history",
            "crate::view",
            "crate::files",
            "crate::broker",
            "crate::archive",
        ],
        because: "a disk stores bytes, whatever they mean",
    },
    Rule {
        room: "app/readings/src/log",
        must_not: &["crate::history", "crate::view", "crate::files", "crate::broker", "crate::archive"],
        because: "screens, files and the broker read the log, and the log knows none of its readers",
    },
    Rule {
        room: "app/readings/src/archive",
        must_not: &["crate::broker"],
        because: "the archive combines what is on the disk, and the broker is not on the disk",
    },
    Rule {
        room: "app/readings/src/view",
        must_not: &["crate::log", "crate::history", "crate::files", "crate::broker", "crate::archive"],
        because: "a chart is drawn from the data that it is given",
    },
    Rule {
        room: "app/readings/src/history",
        must_not: &["crate::view", "crate::files", "crate::broker", "crate::archive"],
        because: "history is computed from roll-ups, and knows neither their source nor the screen",
    },
    Rule {
        room: "app/readings/src/outlook",
        must_not: &["crate::view", "crate::files", "crate::broker", "crate::archive", "crate::notices"],
        because: "the outlook is computed from positions and hours, and knows neither their source nor the screen",
    },
    Rule {
        room: "app/readings/src/notices",
        must_not: &["crate::view", "crate::history", "crate::files", "crate::broker", "crate::archive"],
        because: "notices are computed from entries and times, and know neither their source nor the screen",
    },
    Rule {
        room: "app/readings/src/files",
        must_not: &["crate::view", "crate::broker", "crate::archive"],
        because: "files read the log, and know none of its other readers",
    },
    Rule {
        room: "app/readings/src/broker",
        must_not: &["crate::log", "crate::files", "crate::store", "crate::archive"],
        because: "the broker receives entries, and reports the last one that it has delivered",
    },
    Rule {
        room: "app/engine/src",
        must_not: &["web_sys", "js_sys", "leptos", "wasm_bindgen", "gloo"],
        because: "what the engine decides is tested without a browser",
    },
    Rule {
        room: "app/protocol/src",
        must_not: &["web_sys", "js_sys", "leptos", "wasm_bindgen", "metertap_decoder::session"],
        because: "messages are plain data",
    },
    Rule {
        room: "app/src/model",
        must_not: &[
            "crate::browser",
            "crate::worker",
            "metertap_engine",
            "crate::screens",
            "crate::window",
            "crate::parts",
            "js_sys",
        ],
        because: "the model knows messages and readings",
    },
    Rule {
        room: "app/src/browser",
        must_not: &[
            "crate::worker",
            "crate::screens",
            "crate::window",
            "crate::parts",
            "crate::protocol",
            "metertap_",
        ],
        because: "a module for an interface of the browser knows nothing about meters",
    },
    Rule {
        room: "app/src/worker",
        must_not: &["crate::window", "crate::screens", "crate::parts", "leptos"],
        because: "a worker has no screen",
    },
    Rule {
        room: "app/src/screens",
        must_not: &[
            "crate::browser",
            "crate::worker",
            "metertap_engine",
            "crate::window",
            "metertap_decoder::session",
            "js_sys",
        ],
        because: "screens show what signals say and send commands",
    },
    Rule {
        room: "app/src/parts",
        must_not: &[
            "crate::browser",
            "crate::worker",
            "metertap_engine",
            "crate::screens",
            "crate::window",
            "js_sys",
        ],
        because: "parts show what they are given",
    },
    Rule {
        room: "app/src/window",
        must_not: &["crate::worker", "metertap_engine", "metertap_decoder::session"],
        because: "window and engine share messages and nothing else",
    },
];

/// The protocols of `decoder/src`. Each is a folder and extracts frames.
fn protocols(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("decoder/src")).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().join("frame.rs").is_file());
    folders.map(|folder| folder.file_name().into_string().unwrap()).collect()
}

#[test]
fn protocols_do_not_know_each_other() {
    let root = root();
    let protocols = protocols(root);
    assert!(protocols.len() >= 7, "{protocols:?}");
    let rooms = protocols.iter().map(|own| (format!("decoder/src/{own}"), Some(own)));
    let rooms =
        rooms.chain([("decoder/src/harmonise".to_owned(), None), ("decoder/src/meter.rs".to_owned(), None)]);
    let mut broken = Vec::new();
    for (room, own) in rooms {
        let others =
            protocols.iter().filter(|other| Some(*other) != own).map(|other| format!("crate::{other}"));
        let later = ["crate::harmonise", "crate::pipeline", "crate::session", "crate::setup", "crate::stack"];
        let later = later
            .into_iter()
            .filter(|name| own.is_some() || matches!(*name, "crate::session" | "crate::pipeline"))
            .map(String::from);
        broken.extend(breaches(
            root,
            &room,
            &others.chain(later).collect::<Vec<_>>(),
            "protocols know neither each other nor the code that uses them",
        ));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A dialogue knows its own frames, its question, line and time. No other file in its folder, except `mod.rs`, knows
/// the dialogue.
#[test]
fn dialogues_only_send_and_receive() {
    let root = root();
    let (mut dialogues, mut broken) = (0, Vec::new());
    let folders = protocols(root).into_iter().map(|own| format!("decoder/src/{own}"));
    let files = folders.flat_map(|room| sources(&root.join(room)));
    for file in files.filter(|file| !file.ends_with("mod.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let is_dialogue = text.contains("impl Dialogue for");
        dialogues += usize::from(is_dialogue);
        let (must_not, because): (&[&str], _) = if is_dialogue {
            let later = &["crate::meter", "crate::reading", "crate::register", "crate::cipher", "crate::vif"];
            (later, "a dialogue does not interpret what it receives")
        } else {
            (
                &["crate::dialogue", "super::poll", "super::search"],
                "received bytes are judged the same for every question",
            )
        };
        let must_not: Vec<String> = must_not.iter().map(|name| (*name).to_owned()).collect();
        let room = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        broken.extend(breaches(root, &room, &must_not, because));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(dialogues >= 4, "{dialogues} dialogues");
}

#[test]
fn no_module_imports_a_forbidden_one() {
    let root = root();
    let mut broken = Vec::new();
    for rule in RULES {
        let must_not: Vec<String> = rule.must_not.iter().map(|name| (*name).to_owned()).collect();
        broken.extend(breaches(root, rule.room, &must_not, rule.because));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The crates whose modules are checked: the path of each root file, and the crate's name.
const CRATES: &[(&str, &str)] = &[
    ("decoder/src/lib.rs", "metertap_decoder"),
    ("app/engine/src/lib.rs", "metertap_engine"),
    ("app/engine/native/src/lib.rs", "metertap_native"),
    ("app/locales/src/lib.rs", "metertap_locales"),
    ("app/protocol/src/lib.rs", "metertap_protocol"),
    ("app/readings/src/lib.rs", "metertap_readings"),
    ("app/simulator/src/lib.rs", "metertap_simulator"),
    ("app/src/lib.rs", "metertap_app"),
    ("app/workbook/src/lib.rs", "metertap_workbook"),
    ("tests/src/lib.rs", "metertap_tests"),
    ("tests/bench/src/lib.rs", "metertap_bench"),
    ("tests/browser/src/lib.rs", "metertap_browser_tests"),
    ("tests/e2e/src/lib.rs", "metertap_e2e"),
    ("tests/hostile/src/lib.rs", "metertap_hostile"),
    ("tests/udev/src/lib.rs", "metertap_udev"),
    ("xtask/src/lib.rs", "xtask"),
    ("xtask/src/main.rs", "xtask_program"),
];

#[test]
fn siblings_have_no_import_cycle() {
    let mut unknown = Vec::new();
    for (source, name) in CRATES {
        for (level, siblings, imports) in circles(&Modules::read(&root().join(source), name)) {
            unknown.push(format!("{source}, {}: {}", level.join("::"), siblings.join(" ")));
            for ((one, other), paths) in imports {
                unknown.push(format!("    {one} → {other}"));
                unknown.extend(paths.into_iter().map(|path| format!("        {path}")));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

/// Files that are still too long.
const LONG_FILES: &[&str] = &[];

#[test]
fn no_file_has_more_than_400_lines() {
    let long = |file: &PathBuf| fs::read_to_string(file).unwrap().lines().count() > 400;
    let long = everything().into_iter().filter(long).map(|file| inside(&file)).collect::<Vec<_>>();
    assert_eq!(long, LONG_FILES);
}

/// Functions that may be longer because they are tables.
const LONG_FUNCTIONS: &[(&str, &str)] = &[("app/simulator/src/model/row.rs", "row")];

#[test]
fn no_function_has_more_than_80_lines() {
    let mut long = BTreeSet::new();
    for (source, name) in CRATES {
        for module in Modules::read(&root().join(source), name).all.values() {
            let functions = functions(&module.file).into_iter().filter(|(_, lines)| *lines > 80);
            long.extend(functions.map(|(name, _)| (inside(&module.file), name)));
        }
    }
    let long: Vec<_> = long.iter().map(|(file, name)| (file.as_str(), name.as_str())).collect();
    assert_eq!(long, LONG_FUNCTIONS);
}

/// A type with methods in many files depends on all of them, whatever the imports say.
#[test]
fn methods_of_a_type_are_in_its_module_or_below() {
    let mut stray = Vec::new();
    for (source, name) in CRATES {
        let modules = Modules::read(&root().join(source), name);
        for (place, module) in &modules.all {
            let above = |depth: usize| modules.all.get(&place[..depth]);
            let is_at_home =
                |name: &String| (0..=place.len()).filter_map(above).any(|module| module.items.contains(name));
            let strangers = module.methods_of.iter().filter(|name| !is_at_home(name));
            stray.extend(strangers.map(|name| (inside(&module.file), name.clone())));
        }
    }
    assert!(stray.is_empty(), "{stray:?}");
}

/// All our Rust files, sorted.
fn everything() -> Vec<PathBuf> {
    let folders = ["app", "decoder", "tests", "xtask"].into_iter();
    let mut files: Vec<_> = folders.flat_map(|folder| sources(&root().join(folder))).collect();
    files.retain(|file| !inside(file).contains("/target/"));
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn inside(file: &Path) -> String {
    file.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

fn breaches(root: &Path, room: &str, must_not: &[String], because: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let mut files = sources(&root.join(room));
    assert!(!files.is_empty(), "{room}: no such room");
    // A test may use what its module may not.
    files.retain(|file| !file.ends_with("tests.rs") && !inside(file).contains("/tests/"));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if let Some(name) = must_not.iter().find(|name| line.contains(name.as_str())) {
                let file = file.strip_prefix(root).unwrap().display();
                broken.push(format!("{file} names {name}: {because}"));
            }
        }
    }
    broken
}

fn sources(room: &Path) -> Vec<PathBuf> {
    if room.is_file() {
        return vec![room.to_owned()];
    }
    let Ok(entries) = fs::read_dir(room) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| is_rust(path))
        .collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}
