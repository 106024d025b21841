//! Commands as the server's protocol has them (RESP2), many in one buffer.

use std::io::Write as _;

/// Commands that are written one after the other.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Whole commands.
    done: Vec<u8>,
    /// The arguments of the command that is being written; its head needs their number.
    arguments: Vec<u8>,
    count: usize,
}

impl Batch {
    /// Begins a command with its name.
    pub(crate) fn command(&mut self, name: &str) -> &mut Self {
        self.arg(name)
    }

    /// An argument of the command.
    pub(crate) fn arg(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.head('$', bytes.len());
        self.arguments.extend_from_slice(bytes);
        self.arguments.extend_from_slice(b"\r\n");
        self.count += 1;
        self
    }

    /// An argument that is shown: a number, a formatted name.
    pub(crate) fn show(&mut self, shown: impl std::fmt::Display) -> &mut Self {
        self.arg(shown.to_string())
    }

    /// Ends the command.
    pub(crate) fn end(&mut self) {
        let arguments = std::mem::take(&mut self.arguments);
        let count = std::mem::take(&mut self.count);
        self.head('*', count);
        self.done.append(&mut self.arguments);
        self.done.extend_from_slice(&arguments);
        // Its room is used again.
        self.arguments = arguments;
        self.arguments.clear();
    }

    /// The whole commands so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.done
    }

    /// Forgets the whole commands, once they are sent.
    pub(crate) fn clear(&mut self) {
        self.done.clear();
    }

    fn head(&mut self, sign: char, number: usize) {
        // Writing to memory does not fail.
        let _ = write!(self.arguments, "{sign}{number}\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        let mut batch = Batch::default();
        batch.command("SET").arg("k").show(12).end();
        batch.command("PING").end();
        let expected = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n12\r\n*1\r\n$4\r\nPING\r\n";
        assert_eq!(String::from_utf8_lossy(batch.bytes()), expected);
        batch.clear();
        assert!(batch.bytes().is_empty(), "what was sent is forgotten");
        batch.command("GET").arg(b"\r\n\0").end();
        assert_eq!(
            batch.bytes(),
            b"*2\r\n$3\r\nGET\r\n$3\r\n\r\n\0\r\n",
            "binary-safe"
        );
    }
}
