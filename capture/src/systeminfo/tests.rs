use jiff::civil::datetime;
use proptest::prelude::*;

use super::*;

/// The list of an en-US Server 2003; host and figures made up.
const SERVER_2003: &str = "
Host Name:                 WEB1
OS Name:                   Microsoft(R) Windows(R) Server 2003, Standard Edition
OS Version:                5.2.3790 Service Pack 2 Build 3790
OS Manufacturer:           Microsoft Corporation
Original Install Date:     4/12/2017, 5:07:40 PM
System Up Time:            4 Days, 23 Hours, 54 Minutes, 7 Seconds
System Type:               X86-based PC
Processor(s):              1 Processor(s) Installed.
                           [01]: x86 Family 23 Model 49 ~2994 Mhz
System Locale:             en-us;English (United States)
Time Zone:                 (GMT-05:00) Eastern Time (US & Canada)
Total Physical Memory:     1,023 MB
Available Physical Memory: 423 MB
";

/// The order of a French Windows 10's lines; values made up.
const FRENCH: &str = "\u{feff}
Nom de l’hôte:                              WEB2
Nom du système d’exploitation:              Microsoft Windows 10 Famille
Version du système:                         10.0.18363 N/A version 18363
Fabricant du système d’exploitation:        Microsoft Corporation
Configuration du système d’exploitation:    Station de travail autonome
Type de version du système d’exploitation:  Multiprocessor Free
Propriétaire enregistré:                    a
Organisation enregistrée:                   N/A
Identificateur de produit:                  00325
Date d’installation originale:              11/09/2020, 07:58:42
Heure de démarrage du système:              08/10/2020, 09:05:05
Fabricant du système:                       X
Modèle du système:                          Y
Type du système:                            x64-based PC
Processeur(s):                              1 processeur(s) installé(s).
                                            [01] : Intel64 ~2592 MHz
Version du BIOS:                            Z, 27/07/2020
Répertoire Windows:                         C:\\windows
Répertoire système:                         C:\\windows\\system32
Périphérique d’amorçage:                    \\Device\\HarddiskVolume1
Option régionale du système:                fr;Français (France)
Paramètres régionaux d’entrée:              fr;Français (France)
Fuseau horaire:                             (UTC+01:00) Bruxelles, Madrid, Paris
Mémoire physique totale:                    16\u{a0}223 Mo
Mémoire physique disponible:                8\u{a0}572 Mo
";

#[test]
fn an_english_list_is_read_by_its_labels() {
    let read = parse(SERVER_2003);
    assert_eq!(read.skipped, []);
    assert_eq!(read.host.as_deref(), Some("WEB1"));
    assert_eq!(read.build, Some(3790));
    assert_eq!(read.system_type.as_deref(), Some("X86-based PC"));
    assert_eq!(read.uptime_s, Some(4 * 86_400 + 23 * 3600 + 54 * 60 + 7));
    assert_eq!((read.boot_text, read.boot_local), (None, None), "2003 tells no boot time");
    assert_eq!(read.standard_offset_min, Some(-300));
    assert_eq!(read.physical_bytes, Some(1023 << 20));
}

#[test]
fn another_language_is_read_by_place() {
    let read = parse(FRENCH);
    assert_eq!(read.skipped, []);
    assert_eq!(read.os_name.as_deref(), Some("Microsoft Windows 10 Famille"));
    assert_eq!(read.system_type.as_deref(), Some("x64-based PC"));
    assert_eq!(read.boot_local, Some(datetime(2020, 10, 8, 9, 5, 5, 0)), "French is day first");
    assert_eq!(read.standard_offset_min, Some(60));
    assert_eq!(read.physical_bytes, Some(16_223 << 20), "a space of its own between thousands");
}

#[test]
fn the_boot_is_told_only_where_day_and_month_can_be() {
    for (boot, installed, locale, wanted, why) in [
        ("1/12/2021, 9:18:20 AM", "1/2/2020, 1:00:00 AM", "en-us;E", Some((1, 12)), "American"),
        (
            "1/12/2021, 9:18:20 AM",
            "13/2/2020, 1:00:00 AM",
            "en-us;E",
            Some((12, 1)),
            "its other date is day first",
        ),
        (
            "1/12/2021, 9:18:20 AM",
            "1/2/2020, 1:00:00 AM",
            "en-gb;E",
            None,
            "British or not, nobody can tell",
        ),
        ("12.01.2021, 09:18:20", "1.2.2020, 1:00:00", "de;Deutsch", Some((1, 12)), "dots"),
        ("2021-01-12, 09:18:20", "2020-01-02, 01:00:00", "sv;Svenska", Some((1, 12)), "ISO"),
        ("soon", "1/2/2020, 1:00:00 AM", "en-us;E", None, "no date at all"),
    ] {
        let read = parse(&format!(
            "OS Name: Microsoft Windows Server 2019\nOriginal Install Date: {installed}\n\
             System Boot Time: {boot}\nSystem Locale: {locale}\n"
        ));
        let month_day = read.boot_local.map(|at| (at.month(), at.day()));
        assert_eq!(month_day, wanted, "{why}");
        assert_eq!(read.boot_text.as_deref(), Some(boot), "kept as printed: {why}");
    }
}

#[test]
fn what_is_known_and_cannot_be_read_is_counted() {
    let read =
        parse("OS Name: x\nSystem Up Time: long\nTotal Physical Memory: much\nHost Name: H\n");
    let lines: Vec<_> = read.skipped.iter().map(|s| s.line).collect();
    assert_eq!((lines, read.host.as_deref()), (vec![2, 3], Some("H")));
    let short = parse("Gesamter physischer Speicher: 6.083 MB\n");
    assert_eq!(short.physical_bytes, Some(6083 << 20), "an excerpt in German");
}

/// The columns are those of the list in the same order, in any language.
#[test]
fn the_exported_form_says_the_same() {
    for (list, why) in [(SERVER_2003, "by its labels"), (FRENCH, "by their order")] {
        let lines: Vec<_> = labelled(list).collect();
        let row = |cells: Vec<&str>| format!("\"{}\"\r\n", cells.join("\",\""));
        let csv =
            row(lines.iter().map(|l| l.1).collect()) + &row(lines.iter().map(|l| l.2).collect());
        assert_eq!(parse(&csv), parse(list), "{why}");
    }
}

#[test]
fn an_up_time_of_too_many_hours_does_not_overflow() {
    let text = format!(
        "Host Name: A\nOS Name: B\nSystem Up Time: 1 Days, {} Hours, 0 Minutes, 0 Seconds\n",
        u64::MAX
    );
    assert_eq!(parse(&text).uptime_s, None);
}

proptest! {
    #[test]
    fn any_text_is_read(lines in prop::collection::vec("[ -~é]{0,20}: [ -~]{0,20}", 0..30), text in any::<String>()) {
        parse(&text);
        parse(&lines.join("\n"));
        let up = parse(&format!("OS Name: x\nSystem Up Time: {text}"));
        prop_assert!(up.uptime_s.is_some() || !up.skipped.is_empty());
    }
}
