//! Defines the exit codes, and which of two wins when several scenarios are run.

/// A mistake in what was asked, told before anything is started; ends with [`Exit::Usage`].
#[derive(Debug)]
pub struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The user asked to stop; ends with [`Exit::Interrupted`].
#[derive(Debug)]
pub struct Stopped(pub String);

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "interrupted; {}", self.0)
    }
}

impl std::error::Error for Stopped {}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As expected.
    Ok,
    /// It could not run.
    CouldNotRun,
    /// Wrong usage, or a bad scenario; nothing was started.
    Usage,
    /// The finding differs from what the scenario expects.
    Unexpected,
    /// The instrument was the limit.
    NotValid,
    /// Ctrl-C; the record and the report are complete up to then.
    Interrupted,
}

impl Exit {
    /// The exit that an error ends with.
    pub fn of_error(error: &anyhow::Error) -> Self {
        match error {
            e if e.is::<Usage>() => Self::Usage,
            e if e.is::<Stopped>() => Self::Interrupted,
            _ => Self::CouldNotRun,
        }
    }

    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::CouldNotRun => 1,
            Self::Usage => 2,
            Self::Unexpected => 3,
            Self::NotValid => 4,
            Self::Interrupted => 130,
        }
    }

    /// The exit of a finished run: an interruption wins, then `[expect]` decides, and a run that
    /// differs is told apart by whether it could be believed at all. A run that expects nothing
    /// and is not valid is not as expected either.
    pub fn of_run(interrupted: bool, expects: bool, differs: bool, valid: bool) -> Self {
        match (interrupted, expects, differs, valid) {
            (true, ..) => Self::Interrupted,
            (_, true, false, _) | (_, false, _, true) => Self::Ok,
            (_, _, _, false) => Self::NotValid,
            (_, true, true, true) => Self::Unexpected,
        }
    }

    /// The more serious of two.
    pub fn or_worse(self, other: Self) -> Self {
        const GRAVITY: [Exit; 6] = [
            Exit::Ok,
            Exit::Unexpected,
            Exit::NotValid,
            Exit::CouldNotRun,
            Exit::Usage,
            Exit::Interrupted,
        ];
        let rank = |e: Self| GRAVITY.iter().position(|g| *g == e);
        if rank(other) > rank(self) { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_with_the_first_rule_that_applies() {
        for (interrupted, expects, differs, valid, exit, why) in [
            (true, true, true, false, Exit::Interrupted, "Ctrl-C wins over everything"),
            (false, true, false, true, Exit::Ok, "as expected"),
            (false, true, false, false, Exit::Ok, "a limit of the instrument that was expected"),
            (false, true, true, false, Exit::NotValid, "it differs, and cannot be believed"),
            (false, true, true, true, Exit::Unexpected, "it differs, and can be believed"),
            (false, false, false, true, Exit::Ok, "nothing was expected"),
            (false, false, false, false, Exit::NotValid, "nothing was expected, none believable"),
        ] {
            assert_eq!(Exit::of_run(interrupted, expects, differs, valid), exit, "{why}");
        }
    }

    #[test]
    fn the_worse_of_two_scenarios_is_told() {
        assert_eq!(Exit::Ok.or_worse(Exit::Unexpected), Exit::Unexpected);
        assert_eq!(Exit::CouldNotRun.or_worse(Exit::Unexpected), Exit::CouldNotRun);
        assert_eq!(Exit::Interrupted.or_worse(Exit::Usage), Exit::Interrupted);
    }
}
