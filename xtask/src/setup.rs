//! Prepares a build of the page, and builds it.
//!
//! Work that was done before is not repeated, even if the set-up was stopped. Cargo keeps each library that it has
//! built, and our own steps count as done only when they are complete.

use crate::{
    failure::Failure,
    page,
    tools::{self, Building},
    workspace::Workspace,
};

/// Installs what a page under development needs.
///
/// # Errors
/// If a tool could not be fetched or built.
pub(crate) fn dev(workspace: &Workspace) -> Result<(), Failure> {
    let mut steps = Steps::new(tools::has_trunk(workspace), &DEV);
    let trunk = begin(workspace, &mut steps)?;
    steps.next();
    tools::quick_bindgen(workspace)?;
    steps.next();
    tools::finish(workspace, trunk)
}

/// Installs what the page needs, and builds it for release.
///
/// # Errors
/// If a tool could not be fetched or built.
pub(crate) fn page(workspace: &Workspace) -> Result<(), Failure> {
    let is_built = workspace.page().join("index.html").exists();
    let mut steps = Steps::new(tools::has_trunk(workspace) && is_built, &PAGE);
    let trunk = begin(workspace, &mut steps)?;
    steps.next();
    tools::bindgen(workspace)?;
    steps.next();
    page::compile(workspace, page::RELEASE)?;
    steps.next();
    tools::finish(workspace, trunk)?;
    page::build(workspace)
}

/// The first step of both set-ups. It starts the build of Trunk, which takes longest and continues in the background.
fn begin(workspace: &Workspace, steps: &mut Steps) -> Result<Option<Building>, Failure> {
    steps.next();
    tools::libraries(workspace)?;
    tools::wasm_target(workspace)?;
    tools::trunk(workspace)
}

/// The progress shown during a first set-up.
struct Steps {
    waiting: &'static [Step],
    done: usize,
    shown: bool,
}

/// A step, and how many minutes are left when it begins, on two cores and with nothing built before.
struct Step(&'static str, u32);

const DEV: [Step; 3] =
    [Step("fetching libraries", 3), Step("wasm-bindgen, and Trunk in the background", 3), Step("Trunk", 2)];
const PAGE: [Step; 4] = [
    Step("fetching libraries", 7),
    Step("wasm-bindgen, and Trunk in the background", 7),
    Step("the programs of the page, and Trunk in the background", 6),
    Step("Trunk, and the page", 2),
];

impl Steps {
    fn new(was_set_up: bool, steps: &'static [Step]) -> Self {
        if !was_set_up {
            println!(
                "Setting up. This happens only once. You can stop it at any time: the next start continues from there."
            );
        }
        Self { waiting: steps, done: 0, shown: !was_set_up }
    }

    fn next(&mut self) {
        let Some((Step(title, minutes), rest)) = self.waiting.split_first() else { return };
        self.waiting = rest;
        self.done += 1;
        if self.shown {
            let (step, all) = (self.done, self.done + rest.len());
            println!("\n== Step {step} of {all}: {title}. Up to {minutes} minutes are left on two cores. ==");
        }
    }
}
