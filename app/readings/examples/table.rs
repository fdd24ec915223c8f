//! Prints how the page would import a table: the layout that it recognises, one reading per line, and what it cannot
//! read.
//!
//! `table [--zone Europe/Oslo] [--columns 'TITLE=QUANTITY[:t1][:until|from|position|power]',…] [--dates day|month]
//! FILE`
//!
//! The layout goes to standard output as one JSON object, followed by the readings as JSON Lines (docs/reading.md).
//! Problems go to standard error as `<code> at line <n>`, with the text concerned in parentheses if there is any. A
//! TITLE may also be the text that marks the rows of one register. The exit status is 0 if there is a reading and no
//! problem, 1 if there is no reading or any problem, and 2 if the arguments are wrong or the file cannot be opened.

use std::process::ExitCode;
use std::{env, fs};

use metertap_decoder::time::Zone;
use metertap_readings::entry::Entry;
use metertap_readings::files::import::{Dates, Only, Plan, Planned, Preview, Reader, Register};

fn main() -> ExitCode {
    match Question::from_arguments().and_then(|question| question.answer()) {
        Ok(status) => status,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Question {
    zone: Zone,
    columns: Vec<Chosen>,
    dates: Option<Dates>,
    file: String,
}

struct Chosen {
    title: String,
    register: &'static Register,
    counts: Option<Counts>,
}

#[derive(Clone, Copy, PartialEq)]
enum Counts {
    Until,
    From,
    Position,
    Power,
}

impl Question {
    fn from_arguments() -> Result<Self, String> {
        let mut question = Self::default();
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--zone" => {
                    let name = value()?;
                    question.zone = Zone::named(&name).ok_or(format!("{name} is not a time zone"))?;
                }
                "--columns" => question.columns = columns(&value()?)?,
                "--dates" => {
                    question.dates = Some(match value()?.as_str() {
                        "day" => Dates::DayFirst,
                        "month" => Dates::MonthFirst,
                        other => return Err(format!("dates begin with day or month, not with {other}")),
                    });
                }
                option if option.starts_with("--") => {
                    return Err(format!("{option} is not an option; see the top of examples/table.rs"));
                }
                _ if !question.file.is_empty() => return Err("one file at a time".into()),
                _ => question.file = argument,
            }
        }
        if question.file.is_empty() { Err("which file?".into()) } else { Ok(question) }
    }

    fn answer(&self) -> Result<ExitCode, String> {
        let bytes = fs::read(&self.file).map_err(|error| format!("{}: {error}", self.file))?;
        let preview = match Preview::of(&bytes) {
            Ok(preview) => preview,
            Err(unseen) => {
                eprintln!("{} at line 1", unseen.code());
                return Ok(ExitCode::from(1));
            }
        };
        let plan = self.plan(&preview)?;
        println!("{}", layout(&preview, &plan, self.zone));
        let mut reader = Reader::new(&plan, self.zone);
        reader.push(&bytes);
        reader.end();
        let (mut seq, mut problems) = (0, 0);
        while let Some(read) = reader.next() {
            match read {
                Ok((received, reading)) => {
                    seq += 1;
                    println!("{}", Entry { reading, received, seq }.to_json());
                }
                Err(wrong) => {
                    problems += 1;
                    let text =
                        if wrong.text.is_empty() { String::new() } else { format!(" ({})", wrong.text) };
                    let code = wrong.problem.code();
                    eprintln!("{code} at line {}{text}", wrong.line);
                }
            }
        }
        Ok(ExitCode::from(u8::from(seq == 0 || problems > 0)))
    }

    fn plan(&self, preview: &Preview) -> Result<Plan, String> {
        let mut plan = preview.plan.clone();
        if self.dates.is_some() {
            plan.times.dates = self.dates;
        }
        if !self.columns.is_empty() && preview.format.is_none() {
            plan.columns.clear();
        }
        for Chosen { title, register, counts } in &self.columns {
            let (column, only) =
                place(preview, &plan, title).ok_or(format!("no column is called {title}"))?;
            plan = preview.choose(&plan, column, only, Some(register));
            match counts {
                Some(Counts::Position) => plan.difference = false,
                Some(Counts::Until | Counts::From) => {
                    (plan.difference, plan.until) = (true, *counts == Some(Counts::Until));
                }
                Some(Counts::Power) => {
                    plan.difference = true;
                    let is_it = |planned: &&mut Planned| {
                        planned.column == column && planned.register == register.name
                    };
                    plan.columns.iter_mut().filter(is_it).for_each(Planned::as_power);
                }
                None => {}
            }
        }
        Ok(plan)
    }
}

/// The column with this title; otherwise, a column of values, limited to the rows in which another column holds this
/// text.
fn place(preview: &Preview, plan: &Plan, title: &str) -> Option<(usize, Option<Only>)> {
    if let Some(column) = preview.titles.iter().position(|other| other == title) {
        return Some((column, None));
    }
    let (column, _) = preview.texts.iter().find(|(_, texts)| texts.iter().any(|text| text == title))?;
    let value = plan.columns.first().map(|planned| planned.column);
    let value = value.or_else(|| plan.across.first().map(|(column, _)| *column)).or_else(|| preview.value());
    Some((value?, Some(Only { column: *column, cell: title.to_owned() })))
}

/// Parses columns of the form `TITLE=QUANTITY[:t1][:until|from|position|power]`, separated by commas. A title may
/// contain commas as well.
fn columns(text: &str) -> Result<Vec<Chosen>, String> {
    let (mut chosen, mut title) = (Vec::new(), String::new());
    for part in text.split(',') {
        if !title.is_empty() {
            title.push(',');
        }
        title.push_str(part);
        let Some((name, meaning)) = title.rsplit_once('=') else { continue };
        if let Some(one) = meant(name, meaning) {
            chosen.push(one);
            title.clear();
        }
    }
    if title.is_empty() {
        Ok(chosen)
    } else {
        Err(format!("{title} is not TITLE=QUANTITY[:t1][:until|from|position|power]"))
    }
}

fn meant(title: &str, meaning: &str) -> Option<Chosen> {
    let mut words = meaning.split(':');
    let quantity = words.next()?;
    let (mut tariff, mut counts) = (None, None);
    for word in words {
        match word {
            "until" => counts = Some(Counts::Until),
            "from" => counts = Some(Counts::From),
            "position" => counts = Some(Counts::Position),
            "power" => counts = Some(Counts::Power),
            _ => tariff = Some(word.strip_prefix('t')?.parse().ok()?),
        }
    }
    let register = Register::of_quantity(quantity, tariff).or_else(|| Register::named(quantity))?;
    Some(Chosen { title: title.trim().trim_matches('\'').to_owned(), register, counts })
}

fn layout(preview: &Preview, plan: &Plan, zone: Zone) -> serde_json::Value {
    let title = |column: usize| {
        preview.titles.get(column).cloned().unwrap_or_else(|| format!("column {}", column + 1))
    };
    let columns = plan.columns.iter().map(|planned| {
        let register = Register::named(&planned.register);
        let quantity = register.and_then(Register::quantity).map(|quantity| quantity.to_string());
        serde_json::json!({
            "title": title(planned.column),
            "only": planned.only.as_ref().map(|only| serde_json::json!({ "title": title(only.column), "text": only.cell })),
            "register": planned.register,
            "quantity": quantity,
            "scale": planned.scale,
            "power": planned.power,
            "negated": planned.negated,
        })
    });
    let counts = match (plan.difference, plan.until) {
        (false, _) => "position",
        (true, true) => "until",
        (true, false) => "from",
    };
    let columns: Vec<_> = columns.collect();
    let time: Vec<String> = [Some(plan.time.0), plan.time.1].into_iter().flatten().map(title).collect();
    let decimal = if plan.decimal_comma { "," } else { "." };
    let zone = if plan.times.utc { "UTC" } else { zone.name() };
    serde_json::json!({
        "layout": preview.format,
        "kind": plan.kind,
        "separator": plan.separator,
        "decimal": decimal,
        "heads": plan.heads,
        "time": time,
        "dates": plan.times.dates,
        "parts": plan.times.parts,
        "zone": zone,
        "across": plan.across.len(),
        "counts": counts,
        "step": plan.step,
        "sorted": plan.sorted,
        "columns": columns,
    })
}
