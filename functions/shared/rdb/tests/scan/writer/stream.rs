//! Streams: nodes of entries, counters, consumer groups with what they have pending.

use super::{Form, Listpack, Writer};

/// A stream id as 16 bytes, most significant first.
pub(crate) fn id(ms: u64, seq: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&ms.to_be_bytes());
    bytes[8..].copy_from_slice(&seq.to_be_bytes());
    bytes
}

/// The listpack of one node: a master entry with counts and field names, then entries. Every part may be set to
/// something else than what the entries say.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) live: i64,
    pub(crate) deleted: i64,
    pub(crate) fields: Vec<&'static str>,
    /// The number of fields that is written; that of `fields` where there is none.
    pub(crate) field_count: Option<i64>,
    /// What stands behind the field names.
    pub(crate) master_end: i64,
    entries: Listpack,
}

impl Node {
    pub(crate) fn new(fields: &[&'static str]) -> Self {
        Self {
            live: 0,
            deleted: 0,
            fields: fields.to_vec(),
            field_count: None,
            master_end: 0,
            entries: Listpack::new(),
        }
    }

    /// A node with two entries that differ in their fields, and a deleted one.
    pub(crate) fn sample() -> Self {
        Self::new(&["f", "g"])
            .same(&["v", "1"])
            .gone(&["w", "2"])
            .other(&["h", "x"])
    }

    /// An entry with the fields of the master entry.
    pub(crate) fn same(self, values: &[&str]) -> Self {
        self.entry(2, None, values, values.len() as i64 + 3)
    }

    /// An entry with fields of its own: names and values by turns.
    pub(crate) fn other(self, pairs: &[&str]) -> Self {
        self.entry(0, Some(pairs.len() as i64 / 2), pairs, pairs.len() as i64 + 4)
    }

    /// A deleted entry with the fields of the master entry.
    pub(crate) fn gone(self, values: &[&str]) -> Self {
        self.entry(3, None, values, values.len() as i64 + 3)
    }

    /// Any entry: flags, number of fields (where the flags do not say that they are the same), items and the number
    /// of listpack entries before it that make it up. Its ids follow one another.
    pub(crate) fn entry(mut self, flags: i64, fields: Option<i64>, items: &[&str], pieces: i64) -> Self {
        let seq = self.live + self.deleted;
        if flags & 1 == 1 {
            self.deleted += 1;
        } else {
            self.live += 1;
        }
        let entries = self.entries.int(flags).int(0).int(seq);
        let entries = fields.map_or_else(|| entries.clone(), |count| entries.clone().int(count));
        let entries = items.iter().fold(entries, |entries, item| entries.item(item));
        Self {
            entries: entries.int(pieces),
            ..self
        }
    }

    /// Listpack entries as they are, behind those so far.
    pub(crate) fn and(self, more: impl FnOnce(Listpack) -> Listpack) -> Self {
        Self {
            entries: more(self.entries),
            ..self
        }
    }

    pub(crate) fn listpack(&self) -> Listpack {
        let count = self.field_count.unwrap_or(self.fields.len() as i64);
        let master = Listpack::new().int(self.live).int(self.deleted).int(count);
        let master = self
            .fields
            .iter()
            .fold(master, |master, field| master.item(field));
        master.int(self.master_end).append(&self.entries)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.listpack().bytes()
    }
}

/// A consumer and the ids it has pending.
#[derive(Clone)]
pub(crate) struct Consumer {
    pub(crate) name: &'static str,
    pub(crate) pending: Vec<[u8; 16]>,
}

/// A consumer group and the ids it has pending.
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) pending: Vec<[u8; 16]>,
    pub(crate) consumers: Vec<Consumer>,
}

impl Group {
    /// A group of which two consumers share what is pending, and a third waits for nothing.
    pub(crate) fn sample(name: &'static str) -> Self {
        let [first, second] = [id(5, 0), id(5, 2)];
        let consumer = |name, pending: &[_]| Consumer {
            name,
            pending: pending.to_vec(),
        };
        Self {
            name,
            pending: vec![first, second],
            consumers: vec![
                consumer("alice", &[second]),
                consumer("bob", &[first]),
                consumer("carol", &[]),
            ],
        }
    }
}

/// A whole value of type 15, 19 or 21.
#[derive(Clone)]
pub(crate) struct Stream {
    /// 1, 2 or 3.
    pub(crate) version: u8,
    /// Ids and listpacks.
    pub(crate) nodes: Vec<([u8; 16], Vec<u8>)>,
    pub(crate) length: u64,
    pub(crate) last: [u64; 2],
    pub(crate) first: [u64; 2],
    pub(crate) max_deleted: [u64; 2],
    pub(crate) added: u64,
    pub(crate) groups: Vec<Group>,
}

impl Stream {
    /// No entries and no groups.
    pub(crate) fn empty(version: u8) -> Self {
        Self {
            version,
            nodes: Vec::new(),
            length: 0,
            last: [0; 2],
            first: [0; 2],
            max_deleted: [0; 2],
            added: 0,
            groups: Vec::new(),
        }
    }

    /// One node of [`Node::sample`] and two groups.
    pub(crate) fn sample(version: u8) -> Self {
        Self {
            nodes: vec![(id(5, 0), Node::sample().bytes())],
            length: 2,
            last: [5, 2],
            first: [5, 0],
            max_deleted: [5, 1],
            added: 3,
            groups: vec![Group::sample("group"), Group::sample("another")],
            ..Self::empty(version)
        }
    }

    pub(crate) fn rdb_type(&self) -> u8 {
        [15, 19, 21][usize::from(self.version - 1)]
    }

    /// What stands behind the key.
    pub(crate) fn write(&self) -> Writer {
        self.write_in(Form::Plain)
    }

    /// The same with the nodes' listpacks in this form.
    pub(crate) fn write_in(&self, form: Form) -> Writer {
        let writer = Writer::part().len(self.nodes.len() as u64);
        let writer = self.nodes.iter().fold(writer, |writer, (at, listpack)| {
            writer.text(at).in_form(form, listpack)
        });
        let mut writer = writer.len(self.length).lens(&self.last);
        if self.version > 1 {
            writer = writer.lens(&self.first).lens(&self.max_deleted).len(self.added);
        }
        let writer = writer.len(self.groups.len() as u64);
        self.groups
            .iter()
            .fold(writer, |writer, group| self.group(writer, group))
    }

    fn group(&self, writer: Writer, group: &Group) -> Writer {
        let mut writer = writer.text(group.name).lens(&self.last);
        if self.version > 1 {
            writer = writer.len(2);
        }
        let writer = writer.len(group.pending.len() as u64);
        let writer = group.pending.iter().fold(writer, |writer, pending| {
            writer
                .raw(pending)
                .raw(&1_700_000_000_000_i64.to_le_bytes())
                .len(300)
        });
        let writer = writer.len(group.consumers.len() as u64);
        group.consumers.iter().fold(writer, |writer, consumer| {
            let times = if self.version == 3 { 2 } else { 1 };
            let seen = 1_700_000_000_000_i64.to_le_bytes().repeat(times);
            let writer = writer
                .text(consumer.name)
                .raw(&seen)
                .len(consumer.pending.len() as u64);
            consumer
                .pending
                .iter()
                .fold(writer, |writer, pending| writer.raw(pending))
        })
    }
}
