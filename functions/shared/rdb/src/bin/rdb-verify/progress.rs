//! Bars on standard error, for long inputs and where a person looks on.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// From how many bytes on an input has a bar; a shorter one is done before anybody could read it.
const LONG: u64 = 128_000_000;

/// Columns of a name; of a longer one the end is shown, which tells more than its folder.
const NAME: usize = 24;

/// Looks that leave a bar of 12 columns on 80, and keep every number in its place.
const OF_SIZE: &str = "  {msg}  {wide_bar:.cyan}  {percent:>3}%  {decimal_bytes:>9}  {decimal_bytes_per_sec:>11}  {eta:>4} left";
const WITHOUT_END: &str = "  {msg}  {decimal_bytes:>9}  {decimal_bytes_per_sec:>11}";

/// The bars of all inputs under way.
#[derive(Debug, Clone)]
pub(crate) struct Progress(Option<MultiProgress>);

/// The bar of one input; it goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Bar<'a> {
    all: Option<&'a MultiProgress>,
    name: &'a str,
    size: Option<u64>,
    /// Shown from the moment on at which the input is known to be long.
    shown: Option<ProgressBar>,
}

impl Progress {
    /// Bars where standard error is a terminal, and nothing elsewhere.
    pub(crate) fn new(is_terminal: bool) -> Self {
        Self(is_terminal.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12))))
    }

    /// The bar of an input of this size, if it has one.
    pub(crate) fn bar<'a>(&'a self, name: &'a str, size: Option<u64>) -> Bar<'a> {
        Bar {
            all: self.0.as_ref(),
            name,
            size,
            shown: None,
        }
    }

    /// Does `print` while no bar is in the way.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }
}

impl Bar<'_> {
    /// Shows how many bytes have been read.
    pub(crate) fn show(&mut self, read: u64) {
        let Some(all) = self.all else { return };
        if self.shown.is_none() && is_long(self.size, read) {
            self.shown = Some(all.add(started(self.name, self.size)));
        }
        if let Some(bar) = &self.shown {
            bar.set_position(read);
        }
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn is_long(size: Option<u64>, read: u64) -> bool {
    size.unwrap_or(read) >= LONG
}

/// A bar that is drawn nowhere until it is put among the others, lest it be seen in another's look first.
fn started(name: &str, size: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(size, ProgressDrawTarget::hidden()).with_message(short(name));
    let look = if size.is_some() { OF_SIZE } else { WITHOUT_END };
    match ProgressStyle::with_template(look) {
        Ok(style) => bar.with_style(style.progress_chars("━╸ ")),
        // The templates are tried below; a bar of another look would do.
        Err(_) => bar,
    }
}

/// The end of a name, if it is too long.
fn short(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME {
        return format!("{name:NAME$}");
    }
    let end: String = name.chars().skip(length - NAME + 1).collect();
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_inputs_have_a_bar() {
        assert!(!is_long(Some(LONG - 1), 5));
        assert!(is_long(Some(LONG), 5), "known from the start");
        assert!(!is_long(None, LONG - 1));
        assert!(is_long(None, LONG), "known once so much was read");
    }

    #[test]
    fn names_take_equal_room() {
        for name in ["a.rdb", "backups/2026/11/20/orders-production-0001.rdb"] {
            assert_eq!(short(name).chars().count(), NAME, "{name}");
        }
        assert!(short("backups/2026/11/20/orders-production-0001.rdb").ends_with("production-0001.rdb"));
    }

    #[test]
    fn both_looks_are_understood() {
        for look in [OF_SIZE, WITHOUT_END] {
            assert!(ProgressStyle::with_template(look).is_ok(), "{look}");
        }
    }

    #[test]
    fn nothing_is_drawn_where_nobody_looks() {
        let progress = Progress::new(false);
        let mut bar = progress.bar("a", Some(LONG));
        bar.show(LONG);
        assert!(bar.shown.is_none());
    }
}
