//! The letters of the table: what they mean and how they look.

/// The letter of a cell that is not as required.
pub(super) const AMISS: char = '!';
/// The letter of a cell that was not run.
pub(super) const NOT_RUN: char = '?';

/// A letter of the table.
pub(super) struct Entry {
    /// The letter.
    pub letter: char,
    /// Its name: one word, also the name of its class in the style sheets.
    pub name: &'static str,
    /// What it means, in a clause.
    pub meaning: &'static str,
    /// Background and ink on a light page.
    pub light: [&'static str; 2],
    /// Background and ink on a dark page.
    pub dark: [&'static str; 2],
    /// The terminal's escape sequence (SGR parameters).
    pub terminal: &'static str,
}

/// All letters, the quiet ends first. Neighbours differ in lightness as well as in hue, so that they can be told apart
/// without one of the three colours.
pub(super) const ENTRIES: [Entry; 10] = [
    Entry {
        letter: 'R',
        name: "recovers",
        meaning: "the run succeeds, and nobody is woken",
        light: ["#c9ead9", "#12402c"],
        dark: ["#235c47", "#d5f5e5"],
        terminal: "32",
    },
    Entry {
        letter: 'A',
        name: "adopts",
        meaning: "the run succeeds with what the lost call had made, and makes nothing twice",
        light: ["#7fb5ea", "#08274a"],
        dark: ["#2a6cb0", "#eef6ff"],
        terminal: "36",
    },
    Entry {
        letter: 'N',
        name: "no-op",
        meaning: "nothing is made, and nothing is amiss",
        light: ["#ffffff", "#30363f"],
        dark: ["#101419", "#dde2e8"],
        terminal: "2",
    },
    Entry {
        letter: 'W',
        name: "warns",
        meaning: "the run succeeds, and its message says what is left",
        light: ["#f7ee9a", "#4a4300"],
        dark: ["#e2d84f", "#2b2700"],
        terminal: "93",
    },
    Entry {
        letter: 'F',
        name: "fails",
        meaning: "the run fails by name, and what its one alert says to do ends in a verified backup",
        light: ["#f3b75f", "#452800"],
        dark: ["#a8660c", "#ffffff"],
        terminal: "33",
    },
    Entry {
        letter: 'S',
        name: "safe",
        meaning: "the run fails after its backup is recorded, and its one alert begins with that",
        light: ["#1f7a80", "#ffffff"],
        dark: ["#3fa7a2", "#02191a"],
        terminal: "35",
    },
    Entry {
        letter: 'D',
        name: "doubled",
        meaning: "a message is sent twice, for its sender died before that was remembered",
        light: ["#7d55a8", "#ffffff"],
        dark: ["#b795dc", "#22093d"],
        terminal: "94",
    },
    Entry {
        letter: 'U',
        name: "undelivered",
        meaning: "the event that nobody could deal with lies in the queue that alarms",
        light: ["#20262f", "#ffffff"],
        dark: ["#f0f3f7", "#12161c"],
        terminal: "34",
    },
    Entry {
        letter: AMISS,
        name: "amiss",
        meaning: "not as required",
        light: ["#c8001e", "#ffffff"],
        dark: ["#ff4d5e", "#2b0006"],
        terminal: "1;97;41",
    },
    Entry {
        letter: NOT_RUN,
        name: "not-run",
        meaning: "passed over",
        light: ["#ffffff", "#5b6472"],
        dark: ["#101419", "#a9b3c0"],
        terminal: "2",
    },
];

/// The letter's entry; that of what was not run where the letter is none of the table's.
pub(super) fn of(letter: char) -> &'static Entry {
    let [.., last] = &ENTRIES;
    ENTRIES
        .iter()
        .find(|entry| entry.letter == letter)
        .unwrap_or(last)
}

/// The colours as custom properties of a style sheet, `--fails` and `--fails-ink`, for one of the two themes.
pub(super) fn properties(dark: bool) -> String {
    let property = |entry: &Entry| {
        let [fill, ink] = if dark { entry.dark } else { entry.light };
        format!("--{0}:{fill};--{0}-ink:{ink};", entry.name)
    };
    ENTRIES.iter().map(property).collect()
}
