//! How a cell ends, seen from outside.

use std::fmt;
use std::str::FromStr;

/// The end of a cell while its fault is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// `R`: the run succeeds, and nobody is woken.
    Recovers,
    /// `A`: the same, and what the lost call did is found and taken over, not made again.
    Adopts,
    /// `F`: the run fails by this name, and one alert says so. What the alert says to do ends in a verified backup.
    Fails(String),
    /// `S`: the run fails by this name once its backup is recorded, and its one alert begins with that.
    Safe(String),
    /// `W`: the run succeeds, and its message warns of what is left.
    Warns,
    /// `N`: nothing is made, and nothing is amiss.
    NoOp,
    /// `D`: a message is sent twice, because whoever sent it died before it was remembered.
    ToldTwice,
    /// `U`: the event that nobody could deal with lies in the queue that alarms.
    Undelivered,
}

impl End {
    /// Its letter in the table.
    pub const fn letter(&self) -> char {
        match self {
            Self::Recovers => 'R',
            Self::Adopts => 'A',
            Self::Fails(_) => 'F',
            Self::Safe(_) => 'S',
            Self::Warns => 'W',
            Self::NoOp => 'N',
            Self::ToldTwice => 'D',
            Self::Undelivered => 'U',
        }
    }

    /// The error's name, without the prefix that all of ours have.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Fails(name) | Self::Safe(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())?;
        self.error().map_or(Ok(()), |name| write!(f, " {name}"))
    }
}

impl FromStr for End {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (letter, name) = text.split_once(' ').unwrap_or((text, ""));
        let end = match (letter, name) {
            ("R", "") => Self::Recovers,
            ("A", "") => Self::Adopts,
            ("W", "") => Self::Warns,
            ("N", "") => Self::NoOp,
            ("D", "") => Self::ToldTwice,
            ("U", "") => Self::Undelivered,
            ("F", name) if !name.is_empty() => Self::Fails(name.to_owned()),
            ("S", name) if !name.is_empty() => Self::Safe(name.to_owned()),
            _ => {
                return Err(format!(
                    "`{text}` is no end; R, A, W, N, D, U, `F <error>`, `S <error>` are"
                ));
            }
        };
        Ok(end)
    }
}
