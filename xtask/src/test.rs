//! `cargo xtask test`: every check and every test in order, up to the first step that fails.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use crate::{
    audit,
    failure::Failure,
    fuzz, page,
    run::{self, Tally},
    size, tools, wasm,
    workspace::Workspace,
};

/// How much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What needs no browser and no wasm: under a minute once built.
    Quick,
    /// All of it.
    Everything,
}

/// Runs the steps of the scope. The last line it prints is `N passed, M failed`, where a check counts as one.
pub(crate) fn run(workspace: &Workspace, scope: Scope) -> ExitCode {
    let begun = Instant::now();
    let steps: Vec<&Step> = STEPS.iter().filter(|step| scope == Scope::Everything || step.quick).collect();
    let mut account = Account::default();
    for (number, step) in steps.iter().enumerate() {
        println!("\n== {} of {}: {} ==", number + 1, steps.len(), step.title);
        let begun = Instant::now();
        let result = account.enter(step, workspace);
        println!("-- {}: {}", step.title, show(begun.elapsed()));
        if let Err(failure) = result {
            println!("\nThis stopped at step {} ({}): {failure}", number + 1, step.title);
            break;
        }
    }
    account.close(begun.elapsed())
}

/// One step.
struct Step {
    title: &'static str,
    quick: bool,
    kind: Kind,
    work: fn(&Workspace, &mut Tally) -> Result<(), Failure>,
}

/// How a step that went well counts.
enum Kind {
    /// Not at all: it only brings what the others need.
    Preparation,
    /// As one that passed.
    Check,
    /// As the tests that it ran, of which there must be some.
    Tests,
}

const STEPS: &[Step] = &[
    Step { title: "tools", quick: false, kind: Kind::Preparation, work: bring_tools },
    Step { title: "formatting", quick: true, kind: Kind::Check, work: formatting },
    Step { title: "clippy, native", quick: true, kind: Kind::Check, work: clippy_native },
    Step { title: "clippy, wasm", quick: false, kind: Kind::Check, work: clippy_wasm },
    Step { title: "native tests", quick: true, kind: Kind::Tests, work: native_tests },
    Step { title: "the decoder stands alone", quick: false, kind: Kind::Check, work: decoder_stands_alone },
    Step { title: "fuzzing, ten seconds a target", quick: false, kind: Kind::Check, work: fuzzing },
    Step { title: "browser tests", quick: false, kind: Kind::Tests, work: browser_tests },
    Step { title: "documentation", quick: false, kind: Kind::Check, work: documentation },
    Step { title: "audit", quick: false, kind: Kind::Check, work: |workspace, _| audit::run(workspace) },
    Step { title: "the page and its size", quick: false, kind: Kind::Check, work: page_and_size },
    Step { title: "end to end", quick: false, kind: Kind::Tests, work: end_to_end },
];

fn bring_tools(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    tools::for_the_page(workspace)?;
    tools::for_the_audit(workspace)
}

fn formatting(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    run::run(&mut workspace.command("cargo", &["fmt", "--all", "--check"]))
}

fn clippy_native(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    let mut clippy = workspace.command("cargo", &["clippy", "--workspace", "--all-targets"]);
    run::run(clippy.args(without(&BROWSER_ONLY)).args(["--", "--deny", "warnings"]))?;
    // What is only run when it is asked for by name is looked at only then.
    let mut clippy = workspace.command("cargo", &["clippy", "--package", END_TO_END]);
    let named = ["--test", "soak", "--test", "log-bench", "--", "--deny", "warnings"];
    run::run(clippy.args(named))
}

fn clippy_wasm(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    let mut clippy = workspace.command("cargo", &["clippy", "--target", tools::WASM, "--all-targets"]);
    run::run(clippy.args(only(&BROWSER_ONLY)).args(only(&[LOG_BENCH])).args(["--", "--deny", "warnings"]))
}

fn native_tests(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut test = workspace.command("cargo", &["test", "--workspace", "--no-fail-fast"]);
    run::count(test.args(without(&BROWSER_ONLY)).args(without(&[END_TO_END, BINDGEN])), tally)
}

fn decoder_stands_alone(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    let example = ["--package", "metertap-decoder", "--example", "decode"];
    let mut build = workspace.command("cargo", &["build", "--target", tools::WASM]);
    run::run(build.args(example))?;
    wasm::stands_alone(&workspace.target.join(tools::WASM).join("debug/examples/decode.wasm"))
}

/// The seeds have run on stable, among the decoder's own tests; here chance is added.
fn fuzzing(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    match tools::for_fuzzing(workspace) {
        Ok(()) => fuzz::run(workspace, Duration::from_secs(10)),
        Err(failure) => {
            println!("Nothing is fuzzed here beyond the seeds. {failure}");
            Ok(())
        }
    }
}

fn browser_tests(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut test = workspace.command("cargo", &["test", "--target", tools::WASM, "--no-fail-fast"]);
    // The runner itself comes from our path, by the name in .cargo/config.toml.
    test.env("CHROMEDRIVER", workspace.locate("chromedriver").unwrap_or_default());
    run::count(test.args(["--package", "metertap-browser-tests"]), tally)
}

fn documentation(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    let doc = || {
        let mut doc = workspace.command("cargo", &["doc", "--no-deps"]);
        doc.env("RUSTDOCFLAGS", "--deny warnings");
        doc
    };
    run::run(doc().arg("--workspace").args(without(&BROWSER_ONLY)).args(without(&[BINDGEN])))?;
    run::run(doc().args(["--target", tools::WASM]).args(only(&BROWSER_ONLY)))
}

fn page_and_size(workspace: &Workspace, _: &mut Tally) -> Result<(), Failure> {
    page::build(workspace)?;
    size::print(workspace)
}

fn end_to_end(workspace: &Workspace, tally: &mut Tally) -> Result<(), Failure> {
    let mut test = workspace.command("cargo", &["test", "--package", END_TO_END, "--no-fail-fast"]);
    test.env("METERTAP_DIST", workspace.page());
    // More at once than there are cores: these tests spend their time waiting for meters to speak.
    run::count(test.args(["--", "--nocapture", "--test-threads=5"]), tally)
}

/// Packages that exist on wasm only.
const BROWSER_ONLY: [&str; 2] = ["metertap-app", "metertap-browser-tests"];
/// Half of it is for a JavaScript host.
const LOG_BENCH: &str = "metertap-log-bench";
const END_TO_END: &str = "metertap-e2e";
/// Two programs around a library of others: nothing to test, nothing to document.
const BINDGEN: &str = "xtask-bindgen";

fn without<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--exclude", package]).collect()
}

fn only<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    packages.iter().flat_map(|package| ["--package", package]).collect()
}

/// What all steps came to.
#[derive(Debug, Default)]
struct Account {
    tests: Tally,
    checks: Tally,
    lines: Vec<String>,
}

impl Account {
    fn enter(&mut self, step: &Step, workspace: &Workspace) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut tests = Tally::default();
        let mut result = (step.work)(workspace, &mut tests);
        match (&result, &step.kind) {
            (Ok(()), Kind::Tests) if tests.passed == 0 => result = Err(Failure::NoTests),
            (Ok(()), Kind::Check) => self.checks.passed += 1,
            _ => {}
        }
        // A step that failed by other than a test, say by not compiling, must show in the count too.
        if result.is_err() && tests.failed == 0 {
            self.checks.failed += 1;
        }
        self.tests += tests;
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        let count = if tests.passed > 0 { format!(", {} tests", tests.passed) } else { String::new() };
        self.lines.push(format!("{:>9}  {}: {word}{count}", show(begun.elapsed()), step.title));
        result
    }

    fn close(&self, taken: Duration) -> ExitCode {
        println!("\n{}", self.lines.join("\n"));
        let Self { tests, checks, .. } = self;
        let (passed, failed) = (tests.passed + checks.passed, tests.failed + checks.failed);
        let ignored = tests.ignored;
        println!(
            "{:>9}  {} tests and {} checks passed, {ignored} ignored",
            show(taken),
            tests.passed,
            checks.passed
        );
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn show(time: Duration) -> String {
    format!("{}:{:04.1}", time.as_secs() / 60, (time.as_millis() % 60_000) as f64 / 1000.0)
}
