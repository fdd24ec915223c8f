use super::*;
use alloc::string::ToString;

#[test]
fn a_written_register_name_is_read_back() {
    let codes = [
        "1-0:1.8.0",
        "0-1:24.2.1",
        "1-0:1.6.0*12",
        "list:7",
        "1.8.0",
        "F.F",
        "mbus:3",
        "kmp:60",
        "tic:NJOURF+1",
        "modbus:4:0034",
    ];
    for text in codes {
        assert_eq!(text.parse::<RegisterId>().unwrap().to_string(), text);
    }
    assert_eq!("1-0:1.8.0*255".parse::<Obis>().unwrap().to_string(), "1-0:1.8.0");
    for wrong in ["1-0:1.8", "1-0:1.8.256", "+1-0:1.8.0", "1-0:1.8.0*", "1-0:C.1.0"] {
        assert_eq!(wrong.parse::<Obis>(), Err(NotARegister), "{wrong}");
    }
    for wrong in [
        "",
        "list:x",
        "mbus:",
        "kmp:70000",
        "tic:",
        "tic:A B",
        "modbus:4",
        "modbus:4:00034",
        "1.8.0(",
        "a b",
        "12345678901234567",
    ] {
        assert_eq!(wrong.parse::<RegisterId>(), Err(NotARegister), "{wrong}");
    }
}

/// docs/reading.md: no meter prints a name that begins with a word and a colon.
#[test]
fn our_own_register_names_are_not_read_from_meters() {
    for code in ["list:2.7.0", "list:7", "mbus:3", "kmp:60", "tic:EAST", "modbus:03:0102"] {
        assert_eq!(RegisterId::from_ascii(code.as_bytes()), None, "{code}");
    }
    for code in ["1-0:1.8.0", "1.8.0", "F.F", "0", "list", ":1", "1-0:C.1.0"] {
        let register = RegisterId::from_ascii(code.as_bytes()).unwrap();
        assert_eq!(register.to_string().parse(), Ok(register), "{code}");
    }
}
