//! [`Statement`]: a row of a table saved as SQL, `replace into e_history_min (TIMESTAMP,VERBR_KWH_181) values
//! ('2026-01-01 00:00:00',12.5);`, one statement per line. P1 Monitor's own export is a zip with such files.

/// A row and the names of its columns. The table's name comes first in both.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Statement {
    pub(super) titles: Vec<String>,
    pub(super) cells: Vec<String>,
}

impl Statement {
    /// Whether a file with this beginning consists of statements.
    pub(super) fn begins(file: &[u8]) -> bool {
        file.trim_ascii_start()
            .get(..BEGINNING.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(BEGINNING))
    }

    /// The row of a line; `None` if the line is not such a statement, or if its cells and columns differ in number.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok().filter(|line| Self::begins(line.as_bytes()))?;
        let (table, rest) = line.trim_ascii_start().get(BEGINNING.len()..)?.split_once('(')?;
        let (columns, rest) = rest.split_once(')')?;
        let (word, values) = rest.split_once('(')?;
        let values = values.trim_end_matches([';', ' ']).strip_suffix(')')?;
        let table = [table.trim().to_owned()];
        let titles: Vec<String> = table.iter().cloned().chain(split(columns)).collect();
        let cells: Vec<String> = table.into_iter().chain(split(values)).collect();
        (word.trim().eq_ignore_ascii_case("values") && titles.len() == cells.len())
            .then_some(Self { titles, cells })
    }
}

/// The values between commas, without the quotes around texts. A comma within a text does not separate values.
fn split(list: &str) -> impl Iterator<Item = String> {
    let mut is_text = false;
    let parts = list.split(move |letter| {
        is_text ^= letter == '\'';
        letter == ',' && !is_text
    });
    parts.map(|part| part.trim().trim_matches('\'').to_owned())
}

const BEGINNING: &[u8] = b"replace into ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_a_row_with_its_titles() {
        let line =
            b"replace into weer (TIMESTAMP, CITY,TEMP) values ('2026-01-01 00:00:00', 'Oss, NL',-1.5);";
        let Statement { titles, cells } = Statement::read(line).unwrap();
        assert_eq!(titles, ["weer", "TIMESTAMP", "CITY", "TEMP"]);
        assert_eq!(cells, ["weer", "2026-01-01 00:00:00", "Oss, NL", "-1.5"]);
        for line in [
            "",
            "replace into ",
            "replace into t (A,B) values (1);",
            "replace into t (A) values (1",
            "replace into t (A) select (1);",
            "update config set PARAMETER='1' where ID='0';",
        ] {
            assert_eq!(Statement::read(line.as_bytes()), None, "{line}");
        }
    }
}
