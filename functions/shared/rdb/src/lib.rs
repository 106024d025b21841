//! Tells whether an RDB file is whole, from its bytes as they come.
//!
//! [`Scanner::feed`] takes the file in pieces of any size, walks every record and every length, unpacks what is
//! compressed and judges every entry of every small collection; [`Scanner::finish`] says [`Verdict`] or [`Broken`].
//! Nothing is read from anywhere, nothing is waited for, and memory grows neither with the file nor with a value: what
//! is compared or unpacked as a whole has at most 1 MiB. After any piece [`Scanner::cursor`] gives a small state from
//! which another process goes on.
//!
//! Read are RDB 1 to 12 with the magic `REDIS` and RDB 80 with the magic `VALKEY`; anything newer is named as
//! unsupported, never guessed.
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
//! | `scanner` | the contract: pieces in, verdict out; CRC, tokens cut between two pieces, where a cursor leads |
//! | `layout` | the format as a table: what follows each opcode and each object type |
//! | `field` | the things that stand in a record: names, widths, least sizes |
//! | `walker` | walks one layout, one token at a time |
//! | `quick` | the same for what lies whole in one piece, without the table: speed, no decisions |
//! | `record` | what is known of the record in hand |
//! | `meaning` | what each number, fixed field and string stands for, and which values are refused |
//! | `token` | lengths, string headers and scores |
//! | `content` | what is done with a string's bytes: passed, unpacked, compared, judged |
//! | `lzf` | compressed strings, followed or unpacked |
//! | `blob` | small collections stored as one string: what their entries must be; one module for each encoding (`listpack`, `ziplist`, `zipmap`, `intset`) and one for streams' nodes (`stream`) |
//! | `members`, `compare` | whether a value holds an entry twice; from where to where that is looked for |
//! | `tally` | counters, bounded |
//! | `verdict`, `broken`, `cursor` | what is handed out; `hex` keeps a cursor's numbers exact in JSON |

mod blob;
mod broken;
mod compare;
mod content;
mod cursor;
mod field;
mod hex;
mod layout;
mod lzf;
mod meaning;
mod members;
mod quick;
mod record;
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
