//! Who may know whom: the rows of ARCHITECTURE.md that the compiler does not guard, read off the `use` lines.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Files below a folder, and what they must not name.
struct Rule {
    room: &'static str,
    must_not: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        room: "decoder/src/dialogue.rs",
        must_not: &["crate::harmonise", "crate::stack", "crate::kmp", "crate::iec62056", "crate::mbus"],
        because: "what dialogues have in common is no protocol's",
    },
    Rule {
        room: "decoder/src/harmonise",
        must_not: &["crate::frame", "crate::session", "crate::stack"],
        because: "harmonising knows registers and tables, not where they came from",
    },
    Rule {
        room: "app/simulator/src",
        must_not: &[
            "metertap_decoder::session",
            "metertap_decoder::stack",
            "metertap_decoder::meter",
            "metertap_decoder::dialogue",
            "metertap_decoder::schedule",
        ],
        because: "a telegram that decoder and simulator get wrong alike proves nothing",
    },
    Rule {
        room: "app/readings/src",
        must_not: &["web_sys", "js_sys", "leptos", "tokio", "wasm_bindgen"],
        because: "decisions are tested without a browser",
    },
    Rule {
        room: "app/src/browser",
        must_not: &[
            "crate::engine",
            "crate::screens",
            "crate::window",
            "crate::parts",
            "crate::protocol",
            "metertap_",
        ],
        because: "a browser ability knows nothing of meters",
    },
    Rule {
        room: "app/src/engine",
        must_not: &["crate::window", "crate::screens", "crate::parts", "leptos"],
        because: "the engine has no screen",
    },
    Rule {
        room: "app/src/screens",
        must_not: &["crate::engine", "metertap_decoder::session", "web_sys", "js_sys"],
        because: "screens show what signals say and send commands",
    },
    Rule {
        room: "app/src/parts",
        must_not: &["crate::engine", "metertap_decoder::session", "web_sys", "js_sys"],
        because: "parts show what they are given",
    },
    Rule {
        room: "app/src/window",
        must_not: &["crate::engine", "metertap_decoder::session"],
        because: "window and engine share messages and nothing else",
    },
];

/// The protocols of `decoder/src`: each is a folder, and cuts frames.
fn protocols(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("decoder/src")).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().join("frame.rs").is_file());
    folders.map(|folder| folder.file_name().into_string().unwrap()).collect()
}

#[test]
fn protocols_do_not_know_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let protocols = protocols(root);
    assert!(protocols.len() >= 7, "{protocols:?}");
    let rooms = protocols.iter().map(|own| (format!("decoder/src/{own}"), Some(own)));
    let rooms =
        rooms.chain([("decoder/src/harmonise".to_owned(), None), ("decoder/src/meter.rs".to_owned(), None)]);
    let mut broken = Vec::new();
    for (room, own) in rooms {
        let others =
            protocols.iter().filter(|other| Some(*other) != own).map(|other| format!("crate::{other}"));
        let later = ["crate::harmonise", "crate::session::S", "crate::stack"];
        let later = later.into_iter().filter(|name| own.is_some() || name.ends_with("::S")).map(String::from);
        broken.extend(breaches(
            root,
            &room,
            &others.chain(later).collect::<Vec<_>>(),
            "protocols do not know each other, nor what is made of them",
        ));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A dialogue knows its own frames, its own noun, line and time; nobody in its folder knows it.
#[test]
fn dialogues_say_and_hear_and_do_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut dialogues, mut broken) = (0, Vec::new());
    let folders = protocols(root).into_iter().map(|own| format!("decoder/src/{own}"));
    let files = folders.flat_map(|room| sources(&root.join(room)));
    for file in files.filter(|file| !file.ends_with("mod.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        let is_dialogue = text.contains("impl Dialogue for");
        dialogues += usize::from(is_dialogue);
        let (must_not, because): (&[&str], _) = if is_dialogue {
            let later = &["crate::meter", "crate::reading", "crate::register", "crate::cipher", "crate::vif"];
            (later, "a dialogue makes nothing of what it hears")
        } else {
            (
                &["crate::dialogue", "super::poll", "super::search"],
                "what is heard does not depend on who asked",
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
fn nobody_knows_whom_they_should_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut broken = Vec::new();
    for rule in RULES {
        let must_not: Vec<String> = rule.must_not.iter().map(|name| (*name).to_owned()).collect();
        broken.extend(breaches(root, rule.room, &must_not, rule.because));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn breaches(root: &Path, room: &str, must_not: &[String], because: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let files = sources(&root.join(room));
    assert!(!files.is_empty(), "{room}: no such room");
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
