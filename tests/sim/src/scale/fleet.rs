//! The caches of a season: four kinds in fixed shares, each with data that differ from night to night.

use crate::matrix::sealed_rdb;
use crate::world::elasticache::{Group, Profile, Serverless, StandAlone};
use crate::world::{FixedContent, World};
use jiff::Timestamp;
use serde_json::{Value, json};

const ZONES: [&str; 3] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/// A kind of cache; they are told apart by the first letter of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A replication group with cluster mode disabled.
    Disabled,
    /// A replication group with cluster mode enabled.
    Enabled,
    /// A serverless cache.
    Serverless,
    /// A cluster of its own.
    StandAlone,
}

impl Kind {
    /// All kinds, in reading order.
    pub const ALL: [Self; 4] = [Self::Disabled, Self::Enabled, Self::Serverless, Self::StandAlone];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disabled => "cluster mode disabled",
            Self::Enabled => "cluster mode enabled",
            Self::Serverless => "serverless",
            Self::StandAlone => "stand-alone",
        }
    }

    /// Its share of all caches in percent.
    pub const fn percent(self) -> u32 {
        match self {
            Self::Disabled => 70,
            Self::Enabled => 15,
            Self::Serverless => 10,
            Self::StandAlone => 5,
        }
    }

    /// Shards of a cache of this kind.
    pub const fn shards(self) -> u32 {
        match self {
            Self::Enabled => 3,
            _ => 1,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Disabled => 'd',
            Self::Enabled => 'e',
            Self::Serverless => 's',
            Self::StandAlone => 'a',
        }
    }

    /// The kind of the cache whose id this text begins with, for example an execution's name.
    pub fn of(text: &str) -> Option<Self> {
        let mut rest = text.chars();
        let first = rest.next()?;
        let is_id = rest.next()?.is_ascii_digit();
        Self::ALL.into_iter().find(|kind| is_id && kind.letter() == first)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Disabled | Self::Enabled => "replication-group",
            Self::Serverless => "serverless-cache",
            Self::StandAlone => "cache-cluster",
        }
    }
}

/// One cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Its id, for example `d0001`.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Its number in the fleet, from 0.
    pub index: u32,
}

/// So many caches, the kinds by their shares; of each kind there is one at least, so that the cost of each is known.
pub fn fleet(count: u32) -> Vec<Cache> {
    let of = |kind: Kind| (count * kind.percent() / 100).max(1);
    let rare: u32 = Kind::ALL[1..].iter().map(|kind| of(*kind)).sum();
    let numbers = Kind::ALL.map(|kind| match kind {
        Kind::Disabled => count.saturating_sub(rare),
        kind => of(kind),
    });
    let kinds = Kind::ALL
        .into_iter()
        .zip(numbers)
        .flat_map(|(kind, number)| (0..number).map(move |_| kind));
    (0..)
        .zip(kinds)
        .map(|(index, kind)| Cache {
            id: format!("{}{index:04}", kind.letter()),
            kind,
            index,
        })
        .collect()
}

impl Cache {
    /// Puts it into the world, without data.
    pub fn put(&self, world: &mut World, now: Timestamp) {
        let (id, profile) = (self.id.as_str(), Profile::default());
        match self.kind {
            Kind::Disabled => world.put_group(Group::disabled(id, &ZONES, profile)),
            Kind::Enabled => world.put_group(Group::enabled(id, self.kind.shards(), &ZONES, profile)),
            Kind::Serverless => world.put_serverless(Serverless::new(id, now)),
            Kind::StandAlone => world.put_cluster(StandAlone::new(id, ZONES[0], profile)),
        }
    }

    /// What its shard holds on a night, counted from 1 and 0: no two nights that follow one another are alike.
    pub fn content(&self, shard: u32, night: u32) -> Vec<u8> {
        let extra = (self.index * 7 + shard * 3 + night * 5) % 11;
        sealed_rdb(40 + u16::try_from(extra).unwrap_or(0))
    }

    /// Gives its shards the data of a night.
    pub fn fill(&self, world: &mut World, night: u32) {
        for shard in 1..=self.kind.shards() {
            let content = FixedContent::shared(&self.content(shard, night));
            world.contents.attach(&format!("{}/{shard:04}", self.id), content);
        }
    }

    /// Kind and id as the product's inputs have them.
    pub fn reference(&self) -> Value {
        json!({"kind": self.kind.word(), "id": self.id})
    }

    /// Where its backups lie.
    pub fn prefix(&self) -> String {
        format!("backups/{}/{}/", self.kind.word(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_there_in_its_share() {
        let numbers = |count| {
            let fleet = fleet(count);
            Kind::ALL.map(|kind| fleet.iter().filter(|cache| cache.kind == kind).count())
        };
        assert_eq!(numbers(10), [7, 1, 1, 1]);
        assert_eq!(numbers(100), [70, 15, 10, 5]);
        assert_eq!(numbers(1_000), [700, 150, 100, 50]);
    }

    #[test]
    fn kinds_are_told_by_ids_and_nothing_else_is_taken_for_one() {
        for (text, kind) in [
            ("d0001-202603010200-1", Some(Kind::Disabled)),
            ("e0990", Some(Kind::Enabled)),
            ("watch", None),
            ("s", None),
            ("stage", None),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
