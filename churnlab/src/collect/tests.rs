use super::*;

const BOTH: [ScriptKind; 2] = [ScriptKind::Cmd, ScriptKind::Ps1];

/// What a `.cmd` may start: built in, inbox, or (poolmon) looked for on PATH.
const CMD_TOOLS: &[&str] = &[
    "bcdedit",
    "call",
    "copy",
    "cscript",
    "del",
    "dir",
    "echo",
    "exit",
    "find",
    "goto",
    "mkdir",
    "net",
    "netsh",
    "netstat",
    "ping",
    "poolmon",
    "reg",
    "regedit",
    "set",
    "setlocal",
    "systeminfo",
    "tasklist",
    "type",
    "typeperf",
    "ver",
    "wevtutil",
];

/// What a `.ps1` may start from outside.
const PS1_TOOLS: &[&str] =
    &["bcdedit", "net", "netsh", "netstat", "poolmon", "reg", "systeminfo", "tasklist", "wevtutil"];

/// The cmdlets that read, or that write into the folder; the script's own functions behind them.
const CMDLETS: &[&str] = &[
    "Copy-Item",
    "Export-Csv",
    "ForEach-Object",
    "Get-ChildItem",
    "Get-Command",
    "Get-Counter",
    "Get-ItemProperty",
    "Get-Location",
    "Get-NetTCPConnection",
    "Get-Process",
    "Join-Path",
    "Measure-Object",
    "New-Item",
    "Out-File",
    "Out-Null",
    "Remove-Item",
    "Select-Object",
    "Select-String",
    "Sort-Object",
    "Start-Sleep",
    "Test-Path",
    "Where-Object",
    "Write-Host",
    "Copy-Logs",
    "Find-Counters",
    "Learn-Names",
];

/// The lines that do something.
fn code(text: &str) -> Vec<&str> {
    let is_comment = |l: &str| l.is_empty() || l.starts_with("rem ") || l.starts_with('#');
    text.lines().map(str::trim).filter(|line| !is_comment(line)).collect()
}

/// `text` cut at each of `separators` that stands outside double quotes.
fn cut<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    let (mut parts, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        quoted ^= c == '"';
        if !quoted && separators.contains(&c) {
            parts.push(&text[from..at]);
            from = at + 1;
        }
    }
    parts.push(&text[from..]);
    parts
}

/// What a piece of a batch line starts: the first word behind redirections, `@`, `do` and `if`.
fn started(piece: &str) -> Option<String> {
    let mut words = cut(piece, &[' ']).into_iter().filter(|word| !word.is_empty()).peekable();
    loop {
        match words.next()?.trim_start_matches('@').to_lowercase().as_str() {
            ">" | ">>" => drop(words.next()),
            "do" | "start" | "/wait" => {}
            "if" => {
                words.next_if_eq(&"not");
                match words.next()? {
                    "defined" | "exist" => drop(words.next()),
                    one if one.contains("==") => {}
                    _ => drop((words.next(), words.next())),
                }
            }
            label if label.starts_with(':') => return None,
            "for" | "in" | "rem" => return None,
            word => return Some(word.to_owned()),
        }
    }
}

/// Everything that a line of a batch file starts, the command kept in `DO` included.
fn starts(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_list = false;
    for piece in cut(line, &['&', '|', '(', ')', '\'']) {
        let word = if is_list { None } else { started(piece) };
        is_list = piece.trim_end().ends_with(" in");
        let Some(word) = word else { continue };
        if word == "echo" || piece.contains("set /a ") {
            found.push(word);
            break;
        }
        if let Some(kept) = piece.trim().strip_prefix("set DO=") {
            found.extend(kept.split(' ').next().map(str::to_owned));
        }
        found.push(word);
    }
    found
}

#[test]
fn every_line_ends_with_crlf_is_ascii_and_at_most_120_wide() {
    for kind in BOTH {
        let text = script(kind);
        assert!(text.is_ascii() && text.ends_with("\r\n"), "{kind:?}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{kind:?}");
        assert_eq!(text.matches('\r').count(), text.matches("\r\n").count(), "{kind:?}");
        for (at, line) in text.lines().enumerate() {
            assert!(line.len() <= 120, "{kind:?}, line {}: {line}", at + 1);
        }
        assert!(text.lines().count() < 220, "{kind:?} is short enough to be read before it is run");
    }
}

#[test]
fn placeholders_are_resolved_and_the_version_is_told() {
    for kind in BOTH {
        let text = script(kind);
        assert!(!text.contains("@VERSION@"), "{kind:?}");
        let first = text.lines().take(2).collect::<String>();
        assert!(first.contains(concat!("churnlab ", env!("CARGO_PKG_VERSION"))), "{kind:?}");
    }
}

#[test]
fn nothing_is_set_stopped_or_sent() {
    for kind in BOTH {
        for line in code(&script(kind)) {
            let line = format!(" {} ", line.to_lowercase());
            for bad in [
                "reg add",
                "reg delete",
                "reg import",
                "regedit /s",
                "'add'",
                "'delete'",
                "'set'",
                " set-",
                "netsh set",
                " set dynamicport",
                "bcdedit /set",
                "bcdedit /delete",
                " sc ",
                "sc.exe",
                "net stop",
                "net start",
                "net use",
                "taskkill",
                "stop-",
                "shutdown",
                "restart-",
                "iisreset",
                "invoke-",
                "iex ",
                "curl",
                "http://",
                "ftp",
                "gflags",
                "format ",
                "rmdir",
                "rd /s",
                "del /s",
                "-recurse",
                "attrib",
                "schtasks",
                "setx",
                "enable-",
                "disable-",
                "new-itemproperty",
                "clear-",
                "flush",
                "-force",
            ] {
                // `/f:xml` and `-f CSV` are formats; nothing here begins with "format ".
                assert!(!line.contains(bad), "{kind:?}: {bad:?} in {line}");
            }
        }
    }
    for line in code(CMD).iter().filter(|line| line.contains("netsh ")) {
        assert!(line.contains(" show "), "netsh only shows: {line}");
    }
    for line in code(CMD).iter().filter(|line| line.contains("regedit")) {
        assert!(line.contains("regedit /e "), "regedit only exports: {line}");
    }
}

#[test]
fn only_the_own_folder_is_written_to() {
    for line in code(CMD) {
        for (at, _) in line
            .match_indices("del ")
            .filter(|(at, _)| !line[..*at].ends_with(char::is_alphanumeric))
        {
            assert!(line[at..].starts_with("del \"%OUT%\\"), "{line}");
        }
        for to in line.split('>').skip(1).map(str::trim_start).filter(|to| !to.is_empty()) {
            let own = ["\"%OUT%\\", "nul", "&1"].iter().any(|place| to.starts_with(place));
            assert!(own, "{line}");
        }
    }
    let removals: Vec<_> = code(PS1).into_iter().filter(|l| l.contains("Remove-Item")).collect();
    assert_eq!(
        removals,
        [
            "foreach ($f in $old) { Remove-Item -LiteralPath $f.FullName -ErrorAction SilentlyContinue }"
        ],
        "only files listed below $out"
    );
    assert!(PS1.contains("$files = { Get-ChildItem (Join-Path $out $args[0])"));
    for line in code(PS1).iter().filter(|l| l.contains("-FilePath") || l.contains("Export-Csv")) {
        assert!(line.contains("(Join-Path $out "), "{line}");
    }
}

#[test]
fn cmd_starts_only_tools_of_the_list() {
    let mut used = std::collections::BTreeSet::new();
    for line in code(CMD) {
        used.extend(starts(line));
    }
    used.retain(|word| word != "%do%");
    let strange: Vec<_> = used.iter().filter(|w| !CMD_TOOLS.contains(&w.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let unused: Vec<_> = CMD_TOOLS.iter().filter(|tool| !used.contains(**tool)).collect();
    assert!(unused.is_empty(), "in the list without need: {unused:?}");
}

#[test]
fn a_strange_tool_would_be_seen() {
    for (line, tool) in [
        ("if defined A (call :b& evil /x)", "evil"),
        ("ver | evil", "evil"),
        ("for %%i in (a b) do evil %%i", "evil"),
        ("for /f %%a in ('evil \"x\" 2^> nul') do set A=%%a", "evil"),
        ("set DO=evil -ano& call :take evil x.txt", "evil"),
        ("> \"%OUT%\\x\" evil", "evil"),
        ("if %A% GEQ %B% evil", "evil"),
    ] {
        assert!(starts(line).contains(&tool.to_owned()), "{line}: {:?}", starts(line));
    }
}

#[test]
fn ps1_starts_only_cmdlets_and_tools_of_the_lists() {
    // What stands in no code: a key of the keyboard, and the mark of a PDH header.
    let prose = ["Ctrl-C", "PDH-CSV"];
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    for line in code(PS1) {
        for word in line.split(|c: char| !is_part(c)) {
            let verb = word.split_once('-').is_some_and(|(verb, noun)| {
                let capital = |t: &str| t.starts_with(|c: char| c.is_ascii_uppercase());
                capital(verb) && capital(noun) && verb.chars().all(|c| c.is_ascii_alphabetic())
            });
            assert!(!verb || prose.contains(&word) || CMDLETS.contains(&word), "{word} in {line}");
            let tool = word.strip_suffix(".exe");
            assert!(tool.is_none_or(|tool| PS1_TOOLS.contains(&tool)), "{word} in {line}");
        }
        for (at, _) in line.match_indices("& ") {
            let called = ["& $tool ", "& reg.exe ", "& poolmon.exe ", "& $files "];
            assert!(called.iter().any(|call| line[at..].starts_with(call)), "{line}");
        }
    }
}

#[test]
fn labels_that_are_jumped_to_are_there() {
    let lines = code(CMD);
    let labels: Vec<_> = lines.iter().filter_map(|line| line.strip_prefix(':')).collect();
    for line in &lines {
        for jump in ["goto ", "call :"] {
            for (at, _) in line.match_indices(jump) {
                let name = line[at + jump.len()..].split([' ', ')', '&']).next().unwrap();
                assert!(name == ":eof" || labels.contains(&name), "{name} in {line}");
            }
        }
    }
}

#[test]
fn both_read_what_diagnose_asks_for() {
    for wanted in [
        "netstat",
        "poolmon",
        "HTTPERR",
        "Connections_Refused",
        "systeminfo",
        "servicestate",
        "dynamicport",
        "excludedportrange",
        "System Up Time",
        "Total Connection Attempts (all instances)",
        "churnlab collect: ",
        "bcdedit",
        "statistics workstation",
        "tasklist",
        "Pool Nonpaged",
        "CurrentQueueSize",
        "Session Manager\\Memory Management",
        "5002",
        "7045",
        "4231",
        "gaps.txt",
        "README.txt",
        "churnlab diagnose",
        "ADMINISTRATOR",
    ] {
        assert!(script(ScriptKind::Cmd).contains(wanted), "cmd: {wanted}");
        let wanted = wanted.replace("statistics workstation", "'statistics', 'workstation'");
        assert!(script(ScriptKind::Ps1).contains(&wanted), "ps1: {wanted}");
    }
}
