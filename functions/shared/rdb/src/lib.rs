//! Tells whether an RDB file is whole, from its bytes as they come.
//!
//! [`Scanner::feed`] takes the file in pieces of any size and walks every record, length and value frame;
//! [`Scanner::finish`] says [`Verdict`] or [`Broken`]. Nothing is read from anywhere, nothing is waited for, and
//! memory does not grow with the file or with a value. After any piece [`Scanner::cursor`] gives a small state from
//! which another process goes on at the next byte.
//!
//! Read are RDB 1 to 12 with the magic `REDIS` and RDB 80 with the magic `VALKEY`; anything newer is named as
//! unsupported, never guessed. What a string payload holds (listpack, ziplist, LZF stream) is not looked into: its
//! frame, its least size and its place are judged, and the CRC-64 at the end covers its bytes.
//!
//! ```
//! # fn main() -> Result<(), rdb::Broken> {
//! let mut scanner = rdb::Scanner::new(rdb::Options::new(1_767_225_600_000));
//! for piece in [b"REDIS0003".as_slice(), b"\xfe\x00\x00\x01k\x01v", b"\xff"] {
//!     scanner.feed(piece)?;
//! }
//! assert_eq!(scanner.finish()?.keys, 1);
//! # Ok(())
//! # }
//! ```
//!
//! The way through a file, in reading order:
//!
//! | module | holds |
//! |---|---|
//! | `scanner` | the contract: pieces in, verdict out; CRC, tokens cut between two pieces |
//! | `layout` | the format as a table: what follows each opcode and each object type |
//! | `field` | the things that stand in a record: names, widths, least sizes |
//! | `walker` | walks one layout, one token at a time; where a walker for blobs plugs in |
//! | `meaning` | what each number, fixed field and string stands for, and which values are refused |
//! | `token` | lengths, string headers and scores |
//! | `tally` | counters, bounded |
//! | `verdict`, `broken`, `cursor` | what is handed out; `hex` keeps a cursor's numbers exact in JSON |

mod blob;
mod broken;
mod cursor;
mod field;
mod hex;
mod layout;
mod lzf;
mod meaning;
mod scanner;
mod tally;
mod token;
mod verdict;
mod walker;

pub use broken::{Broken, BrokenKind, KeyAt};
pub use cursor::{CURSOR_VERSION, Cursor, CursorError};
pub use scanner::{Options, Scanner};
pub use tally::{Hint, Large};
pub use verdict::{Crc, Database, Kind, Magic, NotChecked, TypeTally, Verdict};
