use proptest::prelude::*;

use super::*;

/// The form of `reg export`; the values are made up.
const EXPORT: &str = "\u{feff}Windows Registry Editor Version 5.00\r\n\r\n\
[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Tcpip\\Parameters]\r\n\"TcpTimedWaitDelay\"=dword:00000078\r\n\r\n\
[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\r\n\
\"DataBasePath\"=hex(2):25,00,53,00,\\\r\n  79,00,00,00\r\n\"Domain\"=\"a\\\\b \\\"c\\\"\"\r\n@=\"default\"\r\n\
\"TcpTimedWaitDelay\"=dword:0000001E\r\n\"MaxUserPort\"=\"65534\"\r\n\"Old\"=-\r\n\"Big\"=hex(b):00,00,00,00,01,00,00,00\r\n\
\"TcpNumConnections\"=dword:xyz\r\n\
[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters]\r\n\
[-HKEY_LOCAL_MACHINE\\SYSTEM\\Gone]\r\n\"Lost\"=dword:1\r\n";

#[test]
fn an_export_is_read_and_its_settings_found() {
    let read = parse(EXPORT);
    let lines: Vec<_> = read.skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [15, 18], "no number, and a value under a deleted key");
    let of = |name: &str| read.values.iter().rfind(|v| v.name == name).map(|v| v.data.clone());
    assert_eq!(of("Domain"), Some(Data::Text("a\\b \"c\"".into())));
    assert_eq!(of("DataBasePath"), Some(Data::Bytes(vec![0x25, 0, 0x53, 0, 0x79, 0, 0, 0])));
    assert_eq!(of(""), Some(Data::Text("default".into())));
    assert_eq!((of("Old"), of("Big")), (Some(Data::Deleted), Some(Data::Number(1 << 32))));
    for (setting, told, why) in [
        (Setting::TcpTimedWaitDelay, Told::Set(30), "the running control set, hexadecimal"),
        (Setting::MaxUserPort, Told::Set(65_534), "set as text by mistake, which is a finding too"),
        (Setting::MaxFreeTcbs, Told::Default, "its key is there, it is not"),
        (Setting::EnableAggressiveMemoryUsage, Told::Default, "a key without values"),
        (Setting::NonPagedPoolSize, Told::Unknown, "another key, not exported"),
    ] {
        assert_eq!(read.setting(setting), told, "{why}");
    }
}

#[test]
fn reg_query_is_read_as_well() {
    let read = parse(
        "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\r\n\
         \u{20}   MaxConnections    REG_DWORD    0x7d0\r\n\tEnableAggressiveMemoryUsage\tREG_DWORD\t0x1\r\n\
         \u{20}   ErrorLoggingDir    REG_SZ    D:\\a b\r\n    Bad    REG_DWORD    ?\r\n",
    );
    assert_eq!(read.setting(Setting::MaxConnections), Told::Set(2000));
    assert_eq!(read.setting(Setting::EnableAggressiveMemoryUsage), Told::Set(1));
    assert_eq!(read.values[2].data, Data::Text("D:\\a b".into()));
    assert_eq!(read.skipped[0].line, 6);
}

#[test]
fn every_setting_is_listed_once() {
    let places: std::collections::BTreeSet<_> = Setting::ALL.iter().map(|s| s.place()).collect();
    assert_eq!(places.len(), Setting::ALL.len());
}

proptest! {
    #[test]
    fn every_value_is_read_or_counted(lines in prop::collection::vec("\"[a-z\\\\\"]{0,6}\"?=[a-z0-9:\"-]{0,14}", 0..9)) {
        let text = format!("[HKEY_X\\Y]\n{}", lines.join("\n"));
        let read = parse(&text);
        prop_assert_eq!(read.values.len() + read.skipped.len(), lines.len());
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        parse(&text).setting(Setting::MaxUserPort);
        parse(&format!("[HKEY_A\\B]\n\"{text}"));
    }
}
