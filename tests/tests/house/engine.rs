//! Rules of the engine: a component knows the common base but no other component. Only the router knows all components.

use std::fs;

use super::{breaches, inside, root, sources};

/// The components. Each owns its state.
const COMPONENTS: &[&str] = &["broker", "jobs", "log", "meters", "notices", "readers", "role", "screen"];

/// The common base of all components.
const GROUND: &[&str] =
    &["claim", "clock", "fact", "part", "platform", "protocols", "task", "trials", "trouble", "turn"];

const ENGINE: &str = "app/engine/src";

#[test]
fn the_engine_consists_of_components_common_modules_and_a_router() {
    let engine = root().join(ENGINE);
    let entries = fs::read_dir(engine).unwrap().map(|entry| entry.unwrap().path());
    let mut there: Vec<_> =
        entries.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    there.sort();
    let mut known: Vec<_> = [COMPONENTS, GROUND, &["lib", "router"]].concat();
    known.sort_unstable();
    assert_eq!(there, known);
}

#[test]
fn no_component_imports_another_or_the_router() {
    let mut broken = Vec::new();
    for component in COMPONENTS {
        let others = COMPONENTS.iter().filter(|other| *other != component);
        let others: Vec<String> = others.chain(&["router"]).map(|other| format!("crate::{other}")).collect();
        let room = format!("{ENGINE}/{component}");
        broken.extend(breaches(
            root(),
            &room,
            &others,
            "components send facts, and only the router knows all components",
        ));
    }
    for ground in GROUND {
        let above: Vec<String> =
            COMPONENTS.iter().chain(&["router"]).map(|above| format!("crate::{above}")).collect();
        let room = format!("{ENGINE}/{ground}.rs");
        broken.extend(breaches(root(), &room, &above, "the common modules know no component"));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The places where tasks share something that is not a component's state, with reasons.
const SHARED: &[(&str, &str)] = &[
    // The channel to the other tabs is a function, which both role and screen call.
    ("app/engine/src/platform.rs", "Rc<"),
    ("app/engine/src/platform.rs", "std::rc"),
];

#[test]
fn no_state_of_the_engine_is_shared() {
    let mut shared = Vec::new();
    for file in sources(&root().join(ENGINE)) {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>();
        for cell in ["Rc<", "Rc::", "std::rc", "RefCell", "Cell<", "Cell::", "std::cell"] {
            if code.iter().any(|line| line.contains(cell)) {
                shared.push((inside(&file), cell));
            }
        }
    }
    let shared: Vec<_> = shared.iter().map(|(file, cell)| (file.as_str(), *cell)).collect();
    assert_eq!(shared, SHARED);
}
