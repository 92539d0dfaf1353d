//! The one source file of every target: its parser is the one that the binary is called after.
#![no_main]

use std::sync::LazyLock;

use churnlab_fuzz::Parser;

static PARSER: LazyLock<&Parser> = LazyLock::new(|| Parser::named(env!("CARGO_BIN_NAME")));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| PARSER.read(bytes));
