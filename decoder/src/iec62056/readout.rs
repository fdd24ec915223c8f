//! Stage 4 of IEC 62056-21: the data sets of a readout → registers, as printed.
//!
//! A data set is a code and one or more values in parentheses; line ends may stand between them or not. Values with a
//! unit become exact numbers, all others stay text. The moment at which a value occurred may stand behind it or before it;
//! two values of one register, as of a heat meter's two temperatures, become two registers of the same name. Whatever
//! else a data set holds is kept as sent. A value without a unit has that of its register in another period.

use alloc::vec::Vec;

use memchr::{memchr, memchr2};

use super::character::ACK;
use crate::error::ParseError;
use crate::number::Number;
use crate::register::{Obis, Printed, RawTime, RawUnit, Register, RegisterId, Value};
use crate::stamp::{Clock, joined, stamped};
use crate::time::Zone;

/// What a readout says, besides its registers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Readout {
    /// The meter's clock.
    pub(crate) time: Option<RawTime>,
    /// Data sets that are none, and refusals.
    pub(crate) faults: Vec<ParseError>,
}

/// Adds a register for each data set, in order. Of a headless readout the first data set stands only if nothing that was
/// cut off can have made another of it.
pub(crate) fn parse(data: &[u8], headless: bool, zone: Zone, registers: &mut Vec<Register>) -> Readout {
    let mut readout = Readout::default();
    let mut clock = Clock::default();
    let mut sets = DataSets { rest: data };
    if headless
        && let [Some(first), second] = [(); 2].map({
            let mut ahead = DataSets { rest: data };
            move |()| ahead.next().and_then(Result::ok)
        })
        && !first.is_whole(second.as_ref())
    {
        sets.next();
        readout.faults.push(ParseError::Line);
    }
    for set in sets {
        if registers.len() >= MOST_REGISTERS {
            readout.faults.push(ParseError::TooMany { limit: MOST_REGISTERS });
            break;
        }
        let fault = match set {
            Ok(DataSet { code: [], .. }) => ParseError::Refused(UNSPECIFIED),
            Ok(set) if set.registers(zone, &mut clock, registers).is_some() => continue,
            _ => ParseError::Line,
        };
        if readout.faults.len() < MOST_FAULTS {
            readout.faults.push(fault);
        }
    }
    lend_units(registers);
    readout.time = clock.moment(zone);
    readout
}

/// Gives numbers without a unit that of the same register in another period: group F alone tells the two apart, and a
/// register has one unit.
fn lend_units(registers: &mut [Register]) {
    let is_bare = |register: &Register| {
        let digits = |text: &str| Number::from_ascii(text.as_bytes()).is_some();
        register.unit == RawUnit::None && matches!(&register.value, Value::Text(text) if digits(text))
    };
    for at in 0..registers.len() {
        let Some(register) = registers.get(at).filter(|register| is_bare(register)) else { continue };
        let of_code = |other: &&Register| is_same_code(register.id, other.id) && other.unit != RawUnit::None;
        let Some(unit) = registers.iter().find(of_code).map(|other| other.unit) else { continue };
        if let Some(Register { value, unit: own, .. }) = registers.get_mut(at)
            && let Value::Text(text) = value
            && let Some(number) = Number::from_ascii(text.as_bytes())
        {
            (*value, *own) = (Value::Number(number), unit);
        }
    }
}

/// Whether two registers differ in nothing but their period.
fn is_same_code(one: RegisterId, other: RegisterId) -> bool {
    match (one, other) {
        (RegisterId::Obis(Obis([one @ .., _])), RegisterId::Obis(Obis([other @ .., _]))) => one == other,
        (RegisterId::Printed(one), RegisterId::Printed(other)) => {
            let code = |printed: &str| printed.find(['*', '&']).unwrap_or(printed.len());
            let (one, other) = (one.as_str(), other.as_str());
            one.get(..code(one)) == other.get(..code(other))
        }
        _ => false,
    }
}

/// A code, and what stands from the first parenthesis to the last.
struct DataSet<'a> {
    code: &'a [u8],
    printed: &'a [u8],
}

/// What lies between data sets is passed over; a line that is none is told as it.
struct NoDataSet;

struct DataSets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for DataSets<'a> {
    type Item = Result<DataSet<'a>, NoDataSet>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = self.rest.trim_ascii_start();
        // The computer's acknowledgement, returned by the head.
        while rest.first() == Some(&ACK) {
            rest = behind_line(rest).trim_ascii_start();
        }
        if rest.is_empty() {
            return None;
        }
        let (set, behind) = match data_set(rest) {
            Some((set, behind)) => (Ok(set), behind),
            None => (Err(NoDataSet), behind_line(rest)),
        };
        self.rest = behind;
        Some(set)
    }
}

/// The data set that the text begins with, and what follows it.
fn data_set(text: &[u8]) -> Option<(DataSet<'_>, &[u8])> {
    let (code, values) = text.split_at_checked(memchr(b'(', text)?)?;
    if memchr2(b'\r', b'\n', code).is_some() {
        return None;
    }
    let mut end = 0;
    let mut next = values;
    while next.first() == Some(&b'(') {
        end = values.len() - next.len() + memchr(b')', next)? + 1;
        next = values.get(end..)?.trim_ascii_start();
    }
    let (printed, behind) = values.split_at_checked(end)?;
    Some((DataSet { code, printed }, behind))
}

fn behind_line(text: &[u8]) -> &[u8] {
    let end = memchr2(b'\r', b'\n', text).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

impl DataSet<'_> {
    /// Whether the code cannot be the rest of a longer one, if nothing was heard before it: `1.8.0` may be what is left of
    /// `21.8.0` or of `1-0:1.8.0`. Letters begin a code, and so do the medium of a whole one and group C that is 0; and
    /// all codes of a readout have one form.
    fn is_whole(&self, next: Option<&Self>) -> bool {
        let has_medium = |set: &Self| set.code.contains(&b':');
        let begins = match self.code {
            [letter, ..] if letter.is_ascii_uppercase() => true,
            [b'0', b'.', ..] => true,
            code => Obis::from_ascii(code).is_some(),
        };
        begins && next.is_none_or(|next| has_medium(next) == has_medium(self))
    }

    /// Adds what the data set says; `None` where its code is no register's name.
    fn registers(&self, zone: Zone, clock: &mut Clock, registers: &mut Vec<Register>) -> Option<()> {
        let id = RegisterId::from_ascii(self.code)?;
        let (values, count) = self.values();
        let mut push = |value, unit, time| registers.push(Register { id, value, unit, time });
        match values.get(..count).unwrap_or_default() {
            [value] => {
                if let Some(moment) = clock.hear(self.code, value, zone) {
                    push(text(value), RawUnit::None, Some(moment));
                } else if let Some([first, second]) = pair(value) {
                    for (number, unit) in [first, second] {
                        push(Value::Number(number), RawUnit::Printed(unit), None);
                    }
                } else {
                    let (value, unit) = quantity(value);
                    push(value, unit, None);
                }
            }
            [first, second] if let Some((value, time)) = stamped(self.code, [first, second], zone) => {
                let (value, unit) = quantity(value);
                push(value, unit, time);
            }
            [value, date, time]
                if let (Some((number, unit)), Some(moment)) = (measured(value), joined(date, time, zone)) =>
            {
                push(Value::Number(number), RawUnit::Printed(unit), Some(moment));
            }
            _ => push(text(self.printed), RawUnit::None, None),
        }
        Some(())
    }

    /// What stands between each pair of parentheses, and how many there are: those that have no place count too.
    fn values(&self) -> ([&[u8]; MOST_VALUES], usize) {
        let mut values = [&[][..]; MOST_VALUES];
        let mut count = 0;
        let mut rest = self.printed;
        while let Some((value, behind)) =
            rest.strip_prefix(b"(").and_then(|rest| rest.split_at_checked(memchr(b')', rest)?))
        {
            if let Some(place) = values.get_mut(count) {
                *place = value;
            }
            count += 1;
            rest = behind.get(1..).unwrap_or_default().trim_ascii_start();
        }
        (values, count)
    }
}

/// `088*C&082*C`: two numbers with their units.
fn pair(printed: &[u8]) -> Option<[(Number, Printed); 2]> {
    let (first, second) = printed.split_at_checked(memchr(b'&', printed)?)?;
    Some([measured(first)?, measured(second.get(1..)?)?])
}

/// `01.193*kW` is a number with its unit; anything else is text.
fn quantity(printed: &[u8]) -> (Value, RawUnit) {
    match measured(printed) {
        Some((number, unit)) => (Value::Number(number), RawUnit::Printed(unit)),
        None => (text(printed), RawUnit::None),
    }
}

/// Some meters fill up with blanks, on either side of the star too, and some print a plus.
fn measured(printed: &[u8]) -> Option<(Number, Printed)> {
    let printed = printed.trim_ascii();
    let (number, length) = Number::at_start(printed.strip_prefix(b"+").unwrap_or(printed))?;
    let sign = usize::from(printed.first() == Some(&b'+'));
    let unit = printed.get(sign + length..)?.trim_ascii_start().strip_prefix(b"*")?;
    Some((number, Printed::from_ascii(unit.trim_ascii())?))
}

/// What is no text stays octets; line ends between values are left out.
fn text(printed: &[u8]) -> Value {
    let is_line_end = |octet: &u8| matches!(octet, b'\r' | b'\n');
    match str::from_utf8(printed) {
        Ok(text) if !printed.iter().any(is_line_end) => Value::Text(text.into()),
        Ok(text) => Value::Text(text.split(['\r', '\n']).collect()),
        Err(_) => Value::Octets(printed.iter().copied().filter(|octet| !is_line_end(octet)).collect()),
    }
}

/// The meter's error messages are words of its maker (IEC 62056-21, 6.6).
const UNSPECIFIED: u8 = 0;

/// Two or three are usual; a data set with more is a log.
const MOST_VALUES: usize = 4;
/// The most registers read from one readout; one with fifteen months of each has under four hundred.
const MOST_REGISTERS: usize = 1024;
/// The most faults told of one readout.
const MOST_FAULTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::{format, vec};

    fn read(data: &str, headless: bool) -> (Readout, Vec<String>) {
        let mut registers = Vec::new();
        let readout = parse(data.as_bytes(), headless, Zone::default(), &mut registers);
        let line = |register: &Register| {
            let unit =
                if let RawUnit::Printed(unit) = register.unit { format!("*{unit}") } else { String::new() };
            let time = match register.time {
                Some(RawTime::Valid(time)) => format!(" at {time}"),
                Some(RawTime::Invalid) => " at no time".into(),
                None => String::new(),
            };
            format!("{} {}{unit}{time}", register.id, register.value)
        };
        (readout, registers.iter().map(line).collect())
    }

    /// IEC 62056-21, 6.5: data sets with and without line ends, with one value and with several.
    #[test]
    fn reads_data_sets_of_every_form() {
        let data = "6.8(0029.055*MWh)6.26*01(01563.92*m3)F(0)6.8.1()9.4(088*C&082*C)\r\n\
            81.7.6(  80*Deg)\r\n31.7.0(+000.8*A)\r\n1-0:1.7.255*255(-000142.30*W)\r\n0.2.0(V01.69#EEA3546C)\r\n\
            1-0:1.8.1*07(0006334.294*kWh)\r\n9.6(000&00010213&0)\r\nP.01(1)(2)(3)\r\n(4)\r\n";
        let (readout, registers) = read(data, false);
        assert_eq!(readout, Readout::default());
        assert_eq!(
            registers,
            [
                "6.8 29.055*MWh",
                "6.26*01 1563.92*m3",
                "F 0",
                "6.8.1 ",
                "9.4 88*C",
                "9.4 82*C",
                "81.7.6 80*Deg",
                "31.7.0 0.8*A",
                "1-0:1.7.255 -142.30*W",
                "0.2.0 V01.69#EEA3546C",
                "1-0:1.8.1*7 6334.294*kWh",
                "9.6 000&00010213&0",
                "P.01 (1)(2)(3)(4)",
            ]
        );
    }

    #[test]
    fn a_value_has_the_moment_that_stands_behind_it() {
        let (_, registers) = read("1.6.0(02.468*kW)(1703100930)2.6.0(00.000*kW)(0000000000)", false);
        let wanted = ["1.6.0 2.468*kW at 2017-03-10T09:30:00+01:00", "2.6.0 0.000*kW at no time"];
        assert_eq!(registers, wanted);
        let (_, registers) = read("1.6.0(02.468*kW)(17-03-10)(09:30)", false);
        assert_eq!(registers, wanted[..1]);
        let (_, registers) = read("1-0:1.6.0*255(1140716101053)(1.5*kW)", false);
        assert_eq!(registers, ["1-0:1.6.0 1.5*kW at 2014-07-16T10:10:53+02:00"]);
    }

    /// Pafal prints units beside present values only; Elster a comma in its moments, and blanks.
    #[test]
    fn an_earlier_value_has_the_unit_of_its_register() {
        let (_, registers) = read(
            "1.8.1(02288.481*kWh)1.8.1*02(02229.372)1.8.2*02(1)1.6.0( 9.48 * kW)(16-03-14,18:45)",
            false,
        );
        let wanted = [
            "1.8.1 2288.481*kWh",
            "1.8.1*02 2229.372*kWh",
            "1.8.2*02 1",
            "1.6.0 9.48*kW at 2016-03-14T18:45:00+01:00",
        ];
        assert_eq!(registers, wanted);
    }

    /// A Landis+Gyr ZMD: a name beside a text is none, and no moment.
    #[test]
    fn digits_beside_a_text_stay_as_they_were_sent() {
        let (_, registers) =
            read("C.1.0(1603141845)(EVU)C.2.1(0004711081)(     )C.2.2(000000000000)(          )", false);
        assert_eq!(
            registers,
            ["C.1.0 (1603141845)(EVU)", "C.2.1 (0004711081)(     )", "C.2.2 (000000000000)(          )"]
        );
    }

    /// As Iskra, Siemens (electricity) and Siemens (heat) print it; the last one's clock keeps UTC.
    #[test]
    fn date_and_time_of_day_are_the_clock() {
        for (data, time) in [
            ("1-0:0.9.1*255(201455)\r\n1-0:0.9.2*255(0170318)\r\n", "2017-03-18T20:14:55+01:00"),
            ("0.9.1(21:10:29)0.9.2(24-03-21)", "2024-03-21T21:10:29+01:00"),
            ("9.36(2017-07-18&01:36:47)", "2017-07-18T01:36:47+02:00"),
            ("0.9.4(2240321211029)", "2024-03-21T21:10:29+00:00"),
        ] {
            let time = Some(RawTime::Valid(time.parse().unwrap()));
            assert_eq!(read(data, false).0.time, time, "{data}");
        }
        assert_eq!(read("0.9.1(211029)", false).0.time, None);
    }

    #[test]
    fn the_first_data_set_of_a_headless_readout_may_be_cut() {
        let data = "1.7.0*255(000747.85*W)\r\n1-0:41.7.0*255(000737.28*W)\r\n";
        let (readout, registers) = read(data, true);
        assert_eq!(
            (readout.faults, registers),
            (vec![ParseError::Line], vec!["1-0:41.7.0 737.28*W".to_string()])
        );
        assert_eq!(read(data, false).1.len(), 2);
        assert_eq!(read("0.0.0(1)\r\n1.8.0(2*kWh)\r\n", true).1.len(), 2);
        // The rest of 21.8.0, say.
        assert_eq!(read("1.8.0(1*kWh)\r\n2.8.0(2*kWh)\r\n", true).1, ["2.8.0 2*kWh"]);
        assert_eq!(read("1.8.0(1*kWh)\r\n", true).1.len(), 0);
        assert_eq!(read("F.F(00)\r\n1.8.0(2*kWh)\r\n", true).1.len(), 2);
        assert_eq!(read("1-0:1.8.0(1*kWh)\r\n1-0:2.8.0(2*kWh)\r\n", true).1.len(), 2);
    }

    #[test]
    fn what_is_no_data_set_leaves_the_others_alone() {
        let (readout, registers) = read("\u{6}050\r\nrubbish\r\n1.8.0(2*kWh)\r\n2.8.0(3*kWh", false);
        assert_eq!((readout.faults, registers), (vec![ParseError::Line; 2], vec!["1.8.0 2*kWh".to_string()]));
        assert_eq!(read("(ERROR)", false).0.faults, [ParseError::Refused(0)]);
    }
}
