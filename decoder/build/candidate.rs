//! `candidates.toml`: what detection tries on an unknown port.

use std::path::Path;

use serde::Deserialize;

use crate::meter::stack;
use crate::rust::{line, read};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateFile {
    listen: Vec<ListenRow>,
    ask: Vec<AskRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListenRow {
    line: String,
    stacks: Vec<String>,
    zones: Vec<String>,
    vendors: Vec<u16>,
    #[serde(default)]
    rare: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskRow {
    question: String,
    #[serde(default)]
    zones: Vec<String>,
    #[serde(default)]
    lines: Vec<String>,
    patience: u64,
}

pub(crate) fn write(out: &mut String) {
    let file: CandidateFile = read(Path::new("candidates.toml"));
    line(out, "static LISTENS: &[Listen] = &[");
    for ListenRow { line: setting, stacks, zones, vendors, rare } in file.listen {
        let stacks: Vec<_> = stacks
            .iter()
            .map(|name| stack(name).unwrap_or_else(|| panic!("candidates.toml: {name} is not a stack")))
            .collect();
        let stacks = stacks.join(", ");
        line(
            out,
            &format!(
                "Listen {{ line: {setting:?}, stacks: &[{stacks}], zones: &{zones:?}, vendors: &{vendors:?}, rare: {rare} }},"
            ),
        );
    }
    line(out, "];\nstatic QUESTIONS: &[Questioning] = &[");
    for AskRow { question, zones, lines, patience } in file.ask {
        let asked = stack(&question).unwrap_or_else(|| panic!("candidates.toml: {question} is not a stack"));
        line(
            out,
            &format!(
                "Questioning {{ stack: {asked}, zones: &{zones:?}, lines: &{lines:?}, patience: {patience} }},"
            ),
        );
    }
    line(out, "];");
}
