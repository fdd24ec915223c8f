//! `cargo xtask fuzz`: runs hostile files through the whole engine. libFuzzer then looks for bytes that break the
//! targets of `decoder/fuzz`. It runs one target on each core.
//!
//! A target that finds something leaves the bytes in `decoder/fuzz/artifacts`. Once the error is fixed, the bytes
//! belong in `tests/corpus/broken` or in a test.

mod changed;
mod corpus;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crate::{failure::Failure, packages, run, tools, workspace::Workspace};

/// Runs hostile files through the engine, and fuzzes every target for `time`.
///
/// # Errors
/// If fuzzing found something, or a program did not build.
pub(crate) fn run(workspace: &Workspace, time: Duration) -> Result<(), Failure> {
    corpus::run(workspace)?;
    run_these(workspace, targets(workspace)?, RELEASE, time)
}

/// Fuzzes the targets whose code has changed since the last tag, or since this branch left `main`, each for `time`. If
/// neither commit is known, fuzzes all targets. [`QUICK`] builds in half the time of [`RELEASE`], and runs at two
/// thirds of its speed.
///
/// # Errors
/// As for [`run`].
pub(crate) fn run_changed(workspace: &Workspace, time: Duration) -> Result<(), Failure> {
    let all = targets(workspace)?;
    let targets: Vec<String> = match changed::files(workspace) {
        Some(files) => all
            .into_iter()
            .filter(|target| files.iter().any(|file| changed::concerns(target, file)))
            .collect(),
        None => all,
    };
    if targets.is_empty() {
        println!("Nothing that is fuzzed has changed; the decoder's seeds have run among its own tests.");
        return Ok(());
    }
    run_these(workspace, targets, QUICK, time)
}

fn run_these(
    workspace: &Workspace,
    targets: Vec<String>,
    profile: &str,
    time: Duration,
) -> Result<(), Failure> {
    plant_seeds(workspace)?;
    let programs = build(workspace, &targets, profile)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    println!("{} targets, {} s each, {cores} at once", targets.len(), time.as_secs());
    let (waiting, found) = (Mutex::new(targets.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(target) = lock(&waiting).next() {
                    let finding = fuzz(workspace, &programs, &target, time);
                    lock(&found).extend(finding.err());
                }
            });
        }
    });
    // All findings have been printed. The caller reports only the first.
    lock(&found).drain(..).next().map_or(Ok(()), Err)
}

/// Parses `90`, `90s` or `10m`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(unit).filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

/// Builds the programs of these targets and returns their folder.
fn build(workspace: &Workspace, targets: &[String], profile: &str) -> Result<PathBuf, Failure> {
    let (folder, host) = (workspace.target.join("fuzz"), tools::host(workspace)?);
    // Without `--target`, cargo would apply the flags to build scripts and macros too. So the host is named as target.
    let mut cargo =
        workspace.command("cargo", &["build", "--locked", "--target", &host, "--profile", profile]);
    cargo.args(["--manifest-path", &format!("{FOLDER}/Cargo.toml"), "--target-dir"]).arg(&folder);
    cargo.args(targets.iter().flat_map(|target| ["--bin", target])).env("RUSTFLAGS", FLAGS.join(" "));
    run::run(&mut cargo)?;
    Ok(folder.join(host).join(profile))
}

/// Makes the decoder's own test and the test of hostile files write the seeds of the targets.
fn plant_seeds(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.root.join(FOLDER).join("corpus");
    for (targets, test) in
        [("--lib", "fuzz::tests::every_target_passes"), ("--tests", "seeds_are_written_to_the_chosen_folder")]
    {
        let mut tests = packages::native(workspace, &[targets, "--quiet"]);
        run::run(tests.args(["--", test]).env("METERTAP_SEEDS", &folder))?;
    }
    Ok(())
}

/// The names of the programs in `fuzz_targets`.
fn targets(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let folder = workspace.root.join(FOLDER).join("fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(Failure::file(&folder))?.flatten();
    let names = entries.filter_map(|entry| entry.path().file_stem()?.to_str().map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Fuzzes one target and prints a line about it. The program is started directly, because cargo would check each time
/// whether it is up to date.
fn fuzz(workspace: &Workspace, programs: &Path, target: &str, time: Duration) -> Result<(), Failure> {
    let folder = workspace.root.join(FOLDER);
    let (corpus, artifacts) = (folder.join("corpus").join(target), folder.join("artifacts").join(target));
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let program = programs.join(target);
    let mut command = workspace.command(&program.to_string_lossy(), &[]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(format!("-dict={}", folder.join("starts.dict").display()));
    command.arg(format!("-max_total_time={}", time.as_secs()));
    command.args(LIMITS).arg(corpus).env("RUST_BACKTRACE", "0");
    let (said, well) = run::hear(&mut command)?;
    if well {
        let runs = said.lines().find_map(|line| line.strip_prefix("Done ")?.split(' ').next());
        println!("{target:>16}  {:>10} runs, nothing found", runs.unwrap_or("no"));
        return Ok(());
    }
    let file = said.lines().find_map(|line| line.split_once("Test unit written to ")).map(|(_, file)| file);
    println!("{}\n{target:>16}  FOUND {}", reason(&said).join("\n"), file.unwrap_or("no input was saved"));
    Err(Failure::Found { program, file: file.map(PathBuf::from) })
}

/// The reason for a failure: the panic and its message, otherwise libFuzzer's own verdict, otherwise the last lines.
fn reason(said: &str) -> Vec<&str> {
    let panic: Vec<&str> = said.lines().skip_while(|line| !line.contains(" panicked at ")).take(4).collect();
    let verdict: Vec<&str> = said.lines().filter(|line| line.contains("ERROR: libFuzzer")).collect();
    let last = || said.lines().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    [panic, verdict].into_iter().find(|lines| !lines.is_empty()).unwrap_or_else(last)
}

/// Locks the mutex. A panic while it is locked cannot leave bad data, because the threads above only push and pop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time if the command line gives none.
pub(crate) const DEFAULT_TIME: Duration = Duration::from_secs(60);

const FOLDER: &str = "decoder/fuzz";
/// The instrumentation that libFuzzer needs: coverage and comparisons. The flags are those of `cargo fuzz` without a
/// sanitizer. We have no unsafe code for a sanitizer to check. Without one, the programs run twice as fast and need no
/// nightly compiler.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    // Instrumented functions are not inlined across codegen units, so there is only one unit.
    "-Ccodegen-units=1",
];
/// The profiles of `decoder/fuzz/Cargo.toml`.
const RELEASE: &str = "release";
const QUICK: &str = "quick";
/// An input that takes five seconds or half a gigabyte also counts as a finding.
const LIMITS: [&str; 4] = ["-timeout=5", "-rss_limit_mb=512", "-max_len=20000", "-print_final_stats=0"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_reported_with_its_message() {
        let said = "#12 NEW\n\nthread 'x' (1) panicked at a.rs:1:1:\nleft\nright\nstack backtrace:\n\
                    ==1== ERROR: libFuzzer: deadly signal\n";
        assert_eq!(
            reason(said),
            ["thread 'x' (1) panicked at a.rs:1:1:", "left", "right", "stack backtrace:"]
        );
        assert_eq!(reason("==1== ERROR: libFuzzer: timeout\nx\n"), ["==1== ERROR: libFuzzer: timeout"]);
        assert_eq!(reason("error: linking\n"), ["error: linking"]);
    }

    #[test]
    fn a_time_is_seconds_or_minutes() {
        assert_eq!(duration("90"), Some(Duration::from_secs(90)));
        assert_eq!(duration("10s"), Some(Duration::from_secs(10)));
        assert_eq!(duration("10m"), Some(Duration::from_secs(600)));
        for wrong in ["", "m", "0", "-1", "1h", "18446744073709551615m"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
