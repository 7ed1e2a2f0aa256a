//! Inputs that are nearly right: seeds with damage, the same ones for the same number.

/// SplitMix64 (Steele, Lea and Flood, 2014): a number for each number, without a state that others could disturb.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero to one below `end`; zero where that is zero.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % (end.max(1) as u64)) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// A seed with one to six damages: something taken away, put in, said twice, turned over, or a part of another seed.
pub fn mutated(seed: &[u8], others: &[&[u8]], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    // A short piece of a long file is damaged as well as the whole, and is read sooner.
    const LONGEST: usize = 4_096;
    let start = dice.below(seed.len().saturating_sub(LONGEST) + 1);
    let mut bytes = seed[start..seed.len().min(start + LONGEST)].to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(24)).min(bytes.len());
        match dice.below(9) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at),
            2 => drop(bytes.splice(at..at, dice.one_of(words).bytes())),
            3 => drop(bytes.splice(at..end, dice.one_of(words).bytes())),
            4 => {
                let again = bytes[at..end].repeat(1 + dice.below(40));
                drop(bytes.splice(at..at, again));
            }
            5 => {
                let other = dice.one_of(others);
                let from = dice.below(other.len() + 1);
                let part = &other[from..(from + dice.below(200)).min(other.len())];
                drop(bytes.splice(at..end, part.iter().copied()));
            }
            6 => {
                let line =
                    |at: &usize| bytes[..*at].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
                let (from, to) = (line(&at), line(&dice.below(bytes.len() + 1)));
                let moved: Vec<u8> = bytes[from.min(to)..from.max(to)].to_vec();
                drop(bytes.splice(0..0, moved));
            }
            7 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(7);
                }
            }
            _ => {
                if let Some(digit) = bytes.iter_mut().filter(|byte| byte.is_ascii_digit()).nth(dice.below(20)) {
                    *digit = b'0' + dice.below(10) as u8;
                }
            }
        }
    }
    bytes
}
