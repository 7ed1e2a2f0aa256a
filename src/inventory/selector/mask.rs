use crate::inventory::codes::Codes;
use crate::inventory::selector::glob::Glob;
use crate::inventory::{HostSet, column::Column};

/// A selector ready to run: no field is looked up and no value compared any more, only codes. `not` is gone too: it was
/// driven down to the leaves, each of which knows the codes that make it true, so that two values are enough.
pub(crate) enum Mask<'a> {
    All,
    Nothing,
    /// The code lies in one of a few runs.
    Runs {
        codes: &'a Codes,
        runs: Vec<Run>,
    },
    /// The code is one of many: a byte for each.
    Table {
        codes: &'a Codes,
        table: Vec<u8>,
    },
    /// A pattern over nearly as many texts as hosts: looked at only for hosts that are still in question.
    Text {
        column: &'a Column,
        glob: Glob,
        wanted: bool,
    },
    /// A bit for each host.
    Set(Vec<u64>),
    And(Vec<Mask<'a>>),
    Or(Vec<Mask<'a>>),
}

/// Codes from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// Rows looked at in one go: their masks stay in the fastest memory. A multiple of 64.
const CHUNK: usize = 1_024;

/// More runs than this are looked up in a table.
pub(crate) const MOST_RUNS: usize = 8;

impl Mask<'_> {
    /// The hosts that it lets through, of a fleet of that many.
    pub(crate) fn hosts(&self, hosts: usize) -> HostSet {
        match self {
            Mask::All => return HostSet::all(hosts),
            Mask::Nothing => return HostSet::none(hosts),
            Mask::Set(bits) => return HostSet::from_bits(bits.clone(), hosts),
            _ => {}
        }
        let mut bits = Vec::with_capacity(hosts.div_ceil(64));
        let mut mask = [0; CHUNK];
        for start in (0..hosts).step_by(CHUNK) {
            let mask = &mut mask[..CHUNK.min(hosts - start)];
            mask.fill(1);
            self.narrow(start, mask);
            pack(mask, &mut bits);
        }
        HostSet::from_bits(bits, hosts)
    }

    /// Sets to zero the bytes of the rows from `start` on that it does not let through.
    fn narrow(&self, start: usize, mask: &mut [u8]) {
        match self {
            Mask::All => {}
            Mask::Nothing => mask.fill(0),
            Mask::Runs { codes, runs } => match codes {
                Codes::U8(codes) => narrow_runs(rows(codes, start, mask.len()), runs, mask),
                Codes::U16(codes) => narrow_runs(rows(codes, start, mask.len()), runs, mask),
                Codes::U32(codes) => narrow_runs(rows(codes, start, mask.len()), runs, mask),
            },
            Mask::Table { codes, table } => match codes {
                Codes::U8(codes) => narrow_table(rows(codes, start, mask.len()), table, mask),
                Codes::U16(codes) => narrow_table(rows(codes, start, mask.len()), table, mask),
                Codes::U32(codes) => narrow_table(rows(codes, start, mask.len()), table, mask),
            },
            Mask::Text { column, glob, wanted } => {
                let is_in = |code| code != 0 && glob.matches(column.dictionary.text(code)) == *wanted;
                match &column.codes {
                    Codes::U8(codes) => narrow_each(rows(codes, start, mask.len()), is_in, mask),
                    Codes::U16(codes) => narrow_each(rows(codes, start, mask.len()), is_in, mask),
                    Codes::U32(codes) => narrow_each(rows(codes, start, mask.len()), is_in, mask),
                }
            }
            Mask::Set(bits) => narrow_set(bits, start, mask),
            Mask::And(masks) => {
                for part in masks {
                    // Runs take less time than a look whether any row is left for them.
                    let is_quick = matches!(part, Mask::Runs { .. });
                    if !is_quick && mask.iter().fold(0, |any, byte| any | byte) == 0 {
                        break;
                    }
                    part.narrow(start, mask);
                }
            }
            Mask::Or(masks) => {
                let (mut so_far, mut part_mask) = ([0; CHUNK], [0; CHUNK]);
                let (so_far, part_mask) = (&mut so_far[..mask.len()], &mut part_mask[..mask.len()]);
                for part in masks {
                    part_mask.copy_from_slice(mask);
                    part.narrow(start, part_mask);
                    so_far.iter_mut().zip(part_mask.iter()).for_each(|(all, byte)| *all |= byte);
                }
                mask.copy_from_slice(so_far);
            }
        }
    }
}

/// INVARIANT: every column has a code for each host.
fn rows<T>(codes: &[T], start: usize, len: usize) -> &[T] {
    codes.get(start..start + len).unwrap_or(&[])
}

/// A width of codes, with the one comparison that selectors need, written so that the compiler makes vectors of it.
trait Code: Copy {
    fn narrow(code: u32) -> Self;
    fn within(self, first: Self, span: Self) -> u8;
    fn index(self) -> usize;
}

macro_rules! code {
    ($($width:ty),*) => {
        $(impl Code for $width {
            fn narrow(code: u32) -> Self {
                code as $width
            }

            fn within(self, first: Self, span: Self) -> u8 {
                u8::from(self.wrapping_sub(first) <= span)
            }

            fn index(self) -> usize {
                self as usize
            }
        })*
    };
}

code!(u8, u16, u32);

fn narrow_runs<T: Code>(codes: &[T], runs: &[Run], mask: &mut [u8]) {
    match runs.len() {
        0 => mask.fill(0),
        1 => narrow_to::<T, 1>(codes, runs, mask),
        2 => narrow_to::<T, 2>(codes, runs, mask),
        3 => narrow_to::<T, 3>(codes, runs, mask),
        4 => narrow_to::<T, 4>(codes, runs, mask),
        _ => narrow_to::<T, MOST_RUNS>(codes, runs, mask),
    }
}

/// With the number of runs known to the compiler; where there are fewer, the last one stands more than once.
fn narrow_to<T: Code, const N: usize>(codes: &[T], runs: &[Run], mask: &mut [u8]) {
    let runs: [(T, T); N] = std::array::from_fn(|idx| {
        let run = runs[idx.min(runs.len() - 1)];
        (T::narrow(run.first), T::narrow(run.last - run.first))
    });
    for (byte, &code) in mask.iter_mut().zip(codes) {
        *byte &= runs.iter().fold(0, |any, &(first, span)| any | code.within(first, span));
    }
}

fn narrow_table<T: Code>(codes: &[T], table: &[u8], mask: &mut [u8]) {
    for (byte, &code) in mask.iter_mut().zip(codes) {
        *byte &= table.get(code.index()).copied().unwrap_or(0);
    }
}

/// Asks of the rows that are still in question alone, and steps over eight at a time that are not.
fn narrow_each<T: Code>(codes: &[T], is_in: impl Fn(u32) -> bool, mask: &mut [u8]) {
    for (bytes, codes) in mask.chunks_mut(8).zip(codes.chunks(8)) {
        if bytes.iter().fold(0, |any, byte| any | byte) == 0 {
            continue;
        }
        for (byte, code) in bytes.iter_mut().zip(codes).filter(|(byte, _)| **byte != 0) {
            *byte = u8::from(is_in(code.index() as u32));
        }
    }
}

/// INVARIANT: `start` is a multiple of 64.
fn narrow_set(bits: &[u64], start: usize, mask: &mut [u8]) {
    for (idx, rows) in mask.chunks_mut(64).enumerate() {
        match bits.get(start / 64 + idx).copied().unwrap_or(0) {
            0 => rows.fill(0),
            u64::MAX => {}
            word => rows.iter_mut().enumerate().for_each(|(bit, byte)| *byte &= (word >> bit & 1) as u8),
        }
    }
}

/// Appends a bit for each byte, which is zero or one.
fn pack(mask: &[u8], bits: &mut Vec<u64>) {
    let (whole, rest) = mask.as_chunks::<64>();
    bits.extend(whole.iter().map(pack_word));
    if !rest.is_empty() {
        let mut padded = [0; 64];
        padded[..rest.len()].copy_from_slice(rest);
        bits.push(pack_word(&padded));
    }
}

fn pack_word(rows: &[u8; 64]) -> u64 {
    let (eights, _) = rows.as_chunks::<8>();
    eights.iter().rev().fold(0, |word, eight| {
        // Gathers the lowest bit of each byte in the topmost byte.
        word << 8 | u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}
