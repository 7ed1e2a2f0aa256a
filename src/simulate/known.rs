use std::hash::{BuildHasher, Hash};

use foldhash::quality::FixedState;

use crate::engine::{Engine, Key, Kinds, RegionRest};
use crate::model::RegionId;
use crate::simulate::choices::Turn;
use crate::simulate::claim::GateWords;

/// What a state is known by.
#[derive(Debug)]
pub(super) struct StateKey {
    key: Key,
    words: u64,
    turn: Turn,
    /// How it stands with each region; empty where all regions are told apart.
    rests: Vec<RegionRest>,
}

impl StateKey {
    /// `words` where a claim speaks of gates.
    pub fn of(engine: &Engine, kinds: &Kinds, words: Option<&GateWords>, turn: Turn) -> StateKey {
        let words = words.map_or(0, number);
        let rests = if turn == Turn::Every { Vec::new() } else { engine.region_rests() };
        StateKey { key: engine.key(kinds), words, turn, rests }
    }

    pub fn turn(&self) -> Turn {
        self.turn
    }

    /// The number that two states share which go on alike. A region that is over, or waits for people, no longer has to do
    /// with the others: what became of it is not told, and what people may still do there is looked at apart
    /// ([`StateKey::help`]).
    pub fn known(&self) -> u64 {
        let Key { whole, regions } = &self.key;
        match self.turn {
            Turn::Only(region) | Turn::Help(region) => {
                number((2u8, whole, self.words, region, regions.get(region.0 as usize), self.others_waiting(region)))
            }
            Turn::Every => number((0u8, whole, self.words, regions)),
            Turn::First => {
                let told = |(rest, sum): (&RegionRest, &u64)| match rest {
                    RegionRest::Busy => (*rest, *sum),
                    RegionRest::Waits { .. } | RegionRest::Over => (*rest, 0),
                };
                let regions: Vec<_> = self.rests.iter().zip(regions).map(told).collect();
                number((1u8, whole, self.words, regions))
            }
        }
    }

    /// The number of what people may do in a region that waits for them.
    pub fn help(&self, region: RegionId) -> u64 {
        let Key { whole, regions } = &self.key;
        number((3u8, whole, self.words, region, regions.get(region.0 as usize), self.others_waiting(region)))
    }

    /// Beside which others a region waits: it is not the same to be the last one and to be one of several.
    fn others_waiting(&self, region: RegionId) -> Vec<RegionId> {
        let regions = (0..).map(RegionId).zip(&self.rests);
        regions.filter(|(other, rest)| *other != region && rest.waits()).map(|(other, _)| other).collect()
    }

    /// The regions that wait for people; none where regions are not looked at one by one.
    pub fn waiting(&self) -> impl Iterator<Item = RegionId> {
        let rests = if self.turn == Turn::First { self.rests.as_slice() } else { &[] };
        (0..).map(RegionId).zip(rests).filter(|(_, rest)| rest.waits()).map(|(region, _)| region)
    }
}

fn number(told: impl Hash) -> u64 {
    FixedState::default().hash_one(told)
}
