use crate::inventory::dictionary::CellKind;

/// The texts that came lately in a column, with their codes. Most columns have few values, and a short one is told by a
/// comparison of numbers here, without a hash of it and without a look at the dictionary.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    /// None until something is kept; then a slot for each number that a text can fall on.
    slots: Option<Box<[(Short, u32); SLOTS]>>,
}

/// A text of up to 32 bytes as a few numbers, the same for no other text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Short {
    first: u128,
    last: u128,
    /// The length, and above it the kind of the cell.
    length_and_kind: u32,
}

const SLOTS: usize = 128;

impl Recent {
    pub(crate) fn find(&self, short: &Short) -> Option<u32> {
        let (known, code) = self.slots.as_ref()?[short.slot()];
        (known == *short).then_some(code)
    }

    pub(crate) fn keep(&mut self, short: Short, code: u32) {
        let nothing = (Short { first: 0, last: 0, length_and_kind: u32::MAX }, 0);
        let slots = self.slots.get_or_insert_with(|| Box::new([nothing; SLOTS]));
        slots[short.slot()] = (short, code);
    }
}

impl Short {
    /// None for a text that is longer. The two numbers may overlap; with the length they say each byte.
    pub(crate) fn of(text: &str, kind: CellKind) -> Option<Short> {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let (first, last) = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            (u128::from_le_bytes(*first), u128::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            (u64::from_le_bytes(*first).into(), u64::from_le_bytes(*last).into())
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
        } else {
            let byte = |idx: usize| u128::from(bytes.get(idx).copied().unwrap_or(0));
            (byte(0) | byte(1) << 8 | byte(2) << 16, 0)
        };
        (length <= 32).then_some(Short { first, last, length_and_kind: length as u32 | (kind as u32) << 16 })
    }

    /// A number by its bits, which stands for no text.
    pub(crate) fn of_number(bits: u64, kind: CellKind) -> Short {
        Short { first: bits.into(), last: 0, length_and_kind: 1 << 24 | (kind as u32) << 16 }
    }

    /// Below the number of slots: the seven topmost bits of a mixture.
    fn slot(&self) -> usize {
        let fold = |number: u128| (number as u64) ^ (number >> 64) as u64;
        let mixed = fold(self.first).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ fold(self.last).rotate_left(32);
        (mixed.wrapping_add(self.length_and_kind.into()).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 57) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_texts_are_different_numbers() {
        let texts: Vec<String> = (0..40)
            .flat_map(|length| {
                let plain = "a".repeat(length);
                let changed = (0..length).map(move |at| format!("{}b{}", "a".repeat(at), "a".repeat(length - at - 1)));
                changed.chain([plain])
            })
            .collect();
        let shorts: Vec<Short> = texts.iter().filter_map(|text| Short::of(text, CellKind::Plain)).collect();
        assert_eq!(shorts.len(), (0..=32).map(|length| length + 1).sum::<usize>());
        for (idx, short) in shorts.iter().enumerate() {
            assert!(!shorts[..idx].contains(short), "{:?}", texts[idx]);
        }
        assert_ne!(Short::of("4", CellKind::Plain), Short::of("4", CellKind::Integer));
    }

    #[test]
    fn what_was_kept_is_found_until_another_takes_its_place() {
        let mut recent = Recent::default();
        let short = |text: &str| Short::of(text, CellKind::Plain).unwrap();
        assert_eq!(recent.find(&short("a")), None);
        recent.keep(short("a"), 7);
        assert_eq!(recent.find(&short("a")), Some(7));
        (0..1_000).for_each(|number| recent.keep(short(&number.to_string()), number));
        assert_eq!(recent.find(&short("999")), Some(999));
    }
}
