//! `cargo xtask test`: runs every check and every test in order, up to the first step that fails.

use std::{
    cmp::Reverse,
    process::ExitCode,
    time::{Duration, Instant},
};

use crate::{
    audit,
    failure::Failure,
    fuzz,
    packages::{BROWSER_ONLY, LOG_BENCH, OF_OTHERS, native, only, without},
    page,
    published::Checking,
    run::{self, Tally, Tests, Timed, show},
    size,
    tools::{self, Building},
    wasm,
    workspace::Workspace,
};

/// How much to test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Formatting, clippy for native code, and the native tests. Takes less than a minute once built.
    Quick,
    Everything,
}

/// Runs the steps of the scope. The last line that it prints is `N passed, M failed`. A check counts as one test.
pub(crate) fn run(workspace: &Workspace, scope: Scope) -> ExitCode {
    let begun = Instant::now();
    let steps: Vec<&Step> = STEPS.iter().filter(|step| scope == Scope::Everything || step.quick).collect();
    let (mut account, mut tools) = (Account::default(), Tools::default());
    for (number, step) in steps.iter().enumerate() {
        println!("\n== {} of {}: {} ==", number + 1, steps.len(), step.title);
        let begun = Instant::now();
        let result = account.enter(step, workspace, &mut tools);
        println!("-- {}: {}", step.title, show(begun.elapsed()));
        if let Err(failure) = result {
            println!("\nThis stopped at step {} ({}): {failure}", number + 1, step.title);
            break;
        }
    }
    account.close(begun.elapsed())
}

struct Step {
    title: &'static str,
    quick: bool,
    kind: StepKind,
    work: fn(&Workspace, &mut Tools, &mut Tests) -> Result<(), Failure>,
}

/// What runs in the background until a step needs it: the builds of tools, and the checks of the decoder as a crate.
#[derive(Default)]
struct Tools {
    trunk: Option<Building>,
    cargo_deny: Option<Building>,
    cargo_hack: Option<Building>,
    decoder: Option<Checking>,
}

/// How a step that succeeded is counted.
enum StepKind {
    /// Not counted. The step only prepares others.
    Preparation,
    /// Counted as one test that passed.
    Check,
    /// Counted as the tests that it ran. There must be at least one.
    Tests,
}

const STEPS: &[Step] = &[
    Step { title: "tools", quick: false, kind: StepKind::Preparation, work: bring_tools },
    Step { title: "formatting", quick: true, kind: StepKind::Check, work: formatting },
    Step { title: "clippy, native", quick: true, kind: StepKind::Check, work: clippy_native },
    Step { title: "clippy, wasm", quick: false, kind: StepKind::Check, work: clippy_wasm },
    Step { title: "native tests", quick: true, kind: StepKind::Tests, work: native_tests },
    Step {
        title: "the decoder stands alone",
        quick: false,
        kind: StepKind::Check,
        work: decoder_stands_alone,
    },
    Step { title: "browser tests", quick: false, kind: StepKind::Tests, work: browser_tests },
    Step { title: "documentation", quick: false, kind: StepKind::Check, work: documentation },
    Step { title: "the page and its size", quick: false, kind: StepKind::Check, work: page_and_size },
    Step { title: "the decoder as a crate", quick: false, kind: StepKind::Check, work: decoder_as_a_crate },
    Step { title: "end to end", quick: false, kind: StepKind::Tests, work: end_to_end },
    Step { title: "audit", quick: false, kind: StepKind::Check, work: audit },
    Step { title: "fuzzing what has changed", quick: false, kind: StepKind::Check, work: fuzzing },
];

/// Does not wait for the builds of Trunk, cargo-deny and cargo-hack. They use the CPU time that the following steps
/// leave.
fn bring_tools(workspace: &Workspace, tools: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    tools::for_the_tests(workspace)?;
    tools::libraries(workspace)?;
    tools::wasm_target(workspace)?;
    tools.trunk = tools::trunk(workspace)?;
    tools.cargo_deny = tools::cargo_deny(workspace)?;
    tools.cargo_hack = tools::cargo_hack(workspace)?;
    tools::bindgen(workspace)?;
    tools::test_runner(workspace)
}

fn formatting(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    run::run(&mut workspace.command("cargo", &["fmt", "--all", "--check"]))
}

fn clippy_native(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    let clippy = |targets: &[&str]| {
        let mut clippy = workspace.command("cargo", &["clippy", "--workspace"]);
        run::run(clippy.args(without(&BROWSER_ONLY)).args(targets).args(["--", "--deny", "warnings"]))
    };
    clippy(&["--all-targets"])?;
    // Targets that run only when named are also checked only when named.
    clippy(&[
        "--test",
        "scenarios",
        "--test",
        "soak",
        "--test",
        "log-bench",
        "--test",
        "page-bench",
        "--test",
        "screenshots",
        "--test",
        "accessibility",
    ])
}

/// In release, so that macros and build scripts are compiled once for this step and for the page.
fn clippy_wasm(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    let mut clippy =
        workspace.command("cargo", &["clippy", "--release", "--target", tools::WASM, "--all-targets"]);
    run::run(clippy.args(only(&BROWSER_ONLY)).args(only(&[LOG_BENCH])).args(["--", "--deny", "warnings"]))
}

fn native_tests(workspace: &Workspace, _: &mut Tools, tests: &mut Tests) -> Result<(), Failure> {
    let all = ["--lib", "--bins", "--examples", "--tests"];
    let mut test = native(workspace, &all);
    run::count(test.args(["--"]).args(TIMED), tests)?;
    // rustdoc does not report times.
    run::count(&mut native(workspace, &["--doc"]), tests)
}

fn decoder_stands_alone(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    let example = ["--package", "metertap-decoder", "--example", "decode"];
    let mut build = workspace.command("cargo", &["build", "--release", "--target", tools::WASM]);
    run::run(build.args(example))?;
    wasm::stands_alone(&workspace.target.join(tools::WASM).join("release/examples/decode.wasm"))
}

/// In release, like the page. Shared libraries are compiled once, and the tests run the code as it is shipped. Linking
/// the tests and the page keeps only one core busy, so the checks of the decoder as a crate begin here.
fn browser_tests(workspace: &Workspace, tools: &mut Tools, tests: &mut Tests) -> Result<(), Failure> {
    tools::finish(workspace, tools.cargo_hack.take())?;
    tools.decoder = Some(Checking::begin(workspace)?);
    let mut test =
        workspace.command("cargo", &["test", "--release", "--target", tools::WASM, "--no-fail-fast"]);
    // Our PATH contains the runner that .cargo/config.toml names.
    test.env("CHROMEDRIVER", workspace.locate("chromedriver").unwrap_or_default());
    // The time limit for all tests of a program together. The default of 20 s is too short on a busy machine.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    run::count(test.args(["--package", "metertap-browser-tests"]), tests)
}

fn documentation(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    let doc = || {
        let mut doc = workspace.command("cargo", &["doc", "--no-deps"]);
        doc.env("RUSTDOCFLAGS", "--deny warnings");
        doc
    };
    run::run(doc().arg("--workspace").args(without(&BROWSER_ONLY)).args(without(&OF_OTHERS)))?;
    // The same packages as for clippy, and `--examples`, which includes dev-dependencies as clippy's `--all-targets`
    // does. Otherwise, the libraries would have other features, and cargo would check them again.
    let mut wasm = doc();
    wasm.args(["--release", "--target", tools::WASM, "--lib", "--bins", "--examples"]);
    run::run(wasm.args(only(&BROWSER_ONLY)).args(only(&[LOG_BENCH])))
}

fn page_and_size(workspace: &Workspace, tools: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    page::compile(workspace, page::RELEASE)?;
    tools::finish(workspace, tools.trunk.take())?;
    page::build(workspace)?;
    size::print(workspace)
}

fn decoder_as_a_crate(_: &Workspace, tools: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    tools.decoder.take().map_or(Ok(()), Checking::finish)
}

fn end_to_end(workspace: &Workspace, _: &mut Tools, tests: &mut Tests) -> Result<(), Failure> {
    let mut test = native(workspace, &["--test", "scenarios"]);
    test.env("METERTAP_DIST", workspace.page());
    // More tests at once than there are cores, because these tests mostly wait for meters to send.
    run::count(test.args(["--", "--nocapture", "--test-threads=4"]).args(TIMED), tests)
}

fn audit(workspace: &Workspace, tools: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    tools::finish(workspace, tools.cargo_deny.take())?;
    audit::run(workspace)
}

/// The decoder's seeds have run among its own tests. This step adds random input.
fn fuzzing(workspace: &Workspace, _: &mut Tools, _: &mut Tests) -> Result<(), Failure> {
    fuzz::run_changed(workspace, Duration::from_secs(3))
}

/// Makes libtest report how long each test took.
const TIMED: [&str; 2] = ["-Zunstable-options", "--report-time"];

/// The result of all steps.
#[derive(Debug, Default)]
struct Account {
    tests: Tests,
    checks: Tally,
    steps: Vec<Timed>,
}

impl Account {
    fn enter(&mut self, step: &Step, workspace: &Workspace, tools: &mut Tools) -> Result<(), Failure> {
        let begun = Instant::now();
        let mut tests = Tests::default();
        let mut result = (step.work)(workspace, tools, &mut tests);
        let Tally { passed, failed, .. } = tests.tally;
        match (&result, &step.kind) {
            (Ok(()), StepKind::Tests) if passed == 0 => result = Err(Failure::NoTests),
            (Ok(()), StepKind::Check) => self.checks.passed += 1,
            _ => {}
        }
        // A step may fail for another reason than a test, such as a compile error. The count must show it too.
        if result.is_err() && failed == 0 {
            self.checks.failed += 1;
        }
        self.tests += tests;
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        let count = if passed > 0 { format!(", {passed} tests") } else { String::new() };
        self.steps.push(Timed { time: begun.elapsed(), name: format!("{}: {word}{count}", step.title) });
        result
    }

    fn close(&self, taken: Duration) -> ExitCode {
        println!("\nThe slowest tests:\n{}", slowest(&self.tests.times));
        println!("\nThe slowest steps:\n{}", slowest(&self.steps));
        let Self { tests: Tests { tally: tests, .. }, checks, .. } = self;
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

/// The ten slowest tests or steps, one on each line.
fn slowest(all: &[Timed]) -> String {
    let mut all: Vec<&Timed> = all.iter().collect();
    all.sort_by_key(|timed| Reverse(timed.time));
    let lines = all.iter().take(10).map(|Timed { time, name }| format!("{:>9}  {name}", show(*time)));
    lines.collect::<Vec<_>>().join("\n")
}
